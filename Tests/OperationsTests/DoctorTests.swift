import Delivery
import Testing

@testable import Operations

/// What is made of facts.
@Suite struct DoctorTests {
    private func levels(_ findings: [DoctorFinding]) -> [String: DoctorFinding.Level] {
        Dictionary(findings.map { ($0.seen, $0.level) }) { max($0, $1) }
    }

    private static let info = """
        # Server\r
        redis_version:7.0.15\r
        # Clients\r
        connected_clients:3\r
        maxclients:10000\r
        # Memory\r
        used_memory:2097152\r
        maxmemory:1073741824\r
        maxmemory_policy:noeviction\r
        # Persistence\r
        rdb_last_bgsave_status:ok\r
        aof_enabled:1\r
        aof_last_bgrewrite_status:ok\r
        aof_last_write_status:ok\r
        # Stats\r
        latest_fork_usec:231\r
        # Replication\r
        role:master\r
        connected_slaves:0\r
        """

    private func good() -> RedisFacts {
        var facts = RedisFacts(info: Self.info)
        (facts.syncs, facts.snapshots) = ("everysec", "3600 1")
        facts.pings = [.microseconds(80), .microseconds(100), .microseconds(900)]
        facts.agreed = ["layout": "1", "ledger": "false"]
        facts.groups = ["message_queue:sms"]
        return facts
    }

    @Test func aGoodRedisHasNothingAmiss() {
        var wishes = RedisWishes()
        wishes.queues = ["message_queue:sms"]
        let findings = good().findings(wishes)
        #expect(!findings.contains { $0.level != .ok })
        #expect(
            findings.map(\.seen) == [
                "Redis 7.0.15 answers", "maxmemory-policy noeviction", "2 MiB of 1 GiB used (0%)",
                "append-only file, appendfsync everysec", "PING median 0.10 ms, slowest of 3 0.90 ms",
                "3 of 10000 clients", "layout 1, ledger not kept",
            ])
    }

    /// What is changed, and the level of the finding that it makes.
    @Test func eachFlawIsFound() {
        typealias Change = (inout RedisFacts, inout RedisWishes) -> Void
        let flaws: [(String, DoctorFinding.Level, Change)] = [
            ("Redis 6.2.1", .error, { facts, _ in facts.version = "6.2.1" }),
            ("Redis 7.0.15 is a replica", .error, { facts, _ in facts.role = "slave" }),
            ("maxmemory-policy allkeys-lru", .error, { facts, _ in facts.policy = "allkeys-lru" }),
            ("maxmemory-policy is not told", .warning, { facts, _ in facts.policy = nil }),
            ("maxmemory is not set, 2 MiB used", .warning, { facts, _ in facts.mostMemory = 0 }),
            ("819.2 MiB of 1 GiB used (80%)", .warning, { facts, _ in facts.usedMemory = 858_993_460 }),
            ("1 GiB of 1 GiB used (100%)", .error, { facts, _ in facts.usedMemory = 1 << 30 }),
            ("2 MiB of 16 MiB used (12%)", .warning, { facts, _ in facts.mostMemory = 16 << 20 }),
            ("appendfsync no", .warning, { facts, _ in facts.syncs = "no" }),
            ("snapshots only (save 3600 1)", .warning, { facts, _ in facts.isAppending = false }),
            (
                "appendonly no, and no snapshots", .error,
                {
                    $0.isAppending = false; $1.queues = []; $0.snapshots = ""
                }
            ),
            ("its last write to disk failed", .error, { facts, _ in facts.writesFiles = false }),
            ("its last fork took 900 ms", .warning, { facts, _ in facts.lastFork = 900_000 }),
            ("transparent huge pages are on", .warning, { facts, _ in facts.hasHugePages = true }),
            (
                "PING median 7.00 ms, slowest of 1 7.00 ms", .warning,
                { facts, _ in facts.pings = [.milliseconds(7)] }
            ),
            ("9990 of 10000 clients", .warning, { facts, _ in facts.clients = 9990 }),
            (
                "1 replicas", .error,
                {
                    $0.replicas = 1; $1.replicas = 2
                }
            ),
            ("the other processes keep no ledger", .error, { _, wishes in wishes.keepsLedger = true }),
            ("no group of workers for message_queue:mms", .warning, { $1.queues = ["message_queue:mms"] }),
        ]
        for (seen, level, change) in flaws {
            var (facts, wishes) = (good(), RedisWishes())
            change(&facts, &wishes)
            let amiss = facts.findings(wishes).filter { $0.level != .ok }
            #expect(amiss.map(\.seen) == [seen] && amiss.map(\.level) == [level], "\(amiss)")
            #expect(!amiss.contains { $0.why == nil || $0.mend == nil })
        }
    }

    private func goodPostgres() -> PostgresFacts {
        var facts = PostgresFacts()
        (facts.version, facts.synchronousCommit, facts.mostConnections, facts.connections) = (170_004, "on", 100, 9)
        return facts
    }

    @Test func postgresIsJudged() {
        func amiss(isAccepting: Bool = false, _ change: (inout PostgresFacts) -> Void) -> [DoctorFinding] {
            var facts = goodPostgres()
            change(&facts)
            return facts.findings(connections: 6, isAccepting: isAccepting).filter { $0.level != .ok }
        }
        #expect(amiss { _ in } == [])
        #expect(amiss { $0.pending = ["0001 ledger"] }.first?.mend == "posthaste migrate")
        #expect(amiss { $0.problem = "changed" }.map(\.seen) == ["changed"])
        #expect(amiss { $0.version = 130_010 }.map(\.level) == [.error])
        #expect(amiss { $0.fsync = false }.map(\.seen) == ["fsync off"])
        #expect(amiss { $0.fullPageWrites = false }.map(\.seen) == ["full_page_writes off"])
        #expect(amiss { $0.isReadOnly = true }.map(\.level) == [.error])
        #expect(amiss { $0.synchronousCommit = "off" }.map(\.level) == [.warning])
        #expect(amiss(isAccepting: true) { $0.synchronousCommit = "off" }.map(\.level) == [.error])
        #expect(amiss { $0.connections = 90 }.map(\.level) == [.warning])
    }

    @Test func clocksAndFilesAreJudged() {
        var facts = MachineFacts()
        facts.ahead = [("Redis", .milliseconds(400)), ("Postgres", .seconds(-90))]
        facts.files = (1024, 4096)
        facts.wanted = (10_256, 1056)
        #expect(
            facts.findings.map(\.seen) == [
                "as Redis has it, within a second", "90 s behind Postgres", "1024 open files, 4096 at most",
            ])
        #expect(facts.findings.map(\.level) == [.ok, .warning, .warning])
        // Nobody knows better than the time that asking took.
        facts.doubt = .seconds(100)
        facts.files = (1024, 1 << 20)
        #expect(facts.findings.map(\.level) == [.ok, .ok, .ok])
    }

    @Test func settingsAreJudged() {
        var facts = SettingsFacts()
        (facts.hasKeys, facts.hasPublicURL) = (true, true)
        #expect(facts.findings.map(\.level) == [.ok])
        facts.isInProduction = true
        facts.knownPasswords = ["REDIS_PASSWORD"]
        facts.localVendors = ["TWILIO_BASE_URL"]
        (facts.allowsLoopback, facts.isPublicURLSecure) = (true, false)
        facts.callbacks = [("vonage", "VONAGE_SIGNATURE_SECRET"), ("twilio", nil)]
        facts.channelsWithout = ["mms"]
        facts.problems = [.init(variable: "API_KEYS", expected: "an API key in production")]
        facts.unknown = [.init(name: "REDIS_ULR", source: ".env", nearest: "REDIS_URL")]
        #expect(facts.findings.count { $0.level == .error } == 3)
        #expect(facts.findings.count { $0.level == .warning } == 5)
        facts.isInProduction = false
        #expect(facts.findings.filter { $0.level == .error }.map(\.seen) == ["API_KEYS cannot be used, or is missing"])
    }

    @Test func theReportSaysHowToMendWhatItFinds() {
        let report = DoctorReport([
            .ok("redis", "Redis 7.0.15 answers"),
            .provider("twilio", .refused("it answers HTTP 401"), "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN"),
            .provider("smtp", .doubtful("odd\u{1B}[31m"), "SMTP_URL"),
        ])
        #expect(
            report.text() == """
                ok       redis   Redis 7.0.15 answers
                ERROR    twilio  it answers HTTP 401: it would refuse every message
                                 → correct TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
                warning  smtp    odd [31m: messages may be refused
                                 → see to the account in the vendor's console

                1 error, 1 warning
                """)
    }
}
