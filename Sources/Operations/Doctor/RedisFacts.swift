/// What a Redis tells of itself; nil where it does not tell.
public struct RedisFacts: Sendable, Equatable {
    public var version: String?
    public var role: String?
    public var policy: String?
    /// In bytes; 0: as much as the machine has.
    public var mostMemory: Int64?
    public var usedMemory: Int64?
    public var isAppending: Bool?
    /// `always`, `everysec` or `no`.
    public var syncs: String?
    /// The setting `save`.
    public var snapshots: String?
    /// Whether it could write its files when it last tried.
    public var writesFiles = true
    /// How long the last fork took, in microseconds.
    public var lastFork: Int64?
    public var replicas: Int64?
    /// 0: those that are away do not keep it from taking writes.
    public var mostClients: Int64?
    public var clients: Int64?
    /// Round trips one after the other, sorted.
    public var pings: [Duration] = []
    /// Whether the machine gives it huge pages unasked; known only where it is this machine.
    public var hasHugePages: Bool?
    /// The message queues whose groups are there.
    public var groups: Set<String> = []
    /// What all processes agree on: `layout`, `partitions`, `ledger`; empty before the first start.
    public var agreed: [String: String] = [:]

    public init() {}

    /// - Parameter info: the answer to INFO.
    public init(info: String) {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        func number(_ name: Substring) -> Int64? { fields[name].flatMap { Int64($0) } }
        version = fields["redis_version"].map(String.init)
        role = fields["role"].map(String.init)
        policy = fields["maxmemory_policy"].map(String.init)
        mostMemory = number("maxmemory")
        usedMemory = number("used_memory")
        isAppending = fields["aof_enabled"].map { $0 == "1" }
        writesFiles =
            fields["aof_last_write_status"] != "err" && fields["rdb_last_bgsave_status"] != "err"
            && fields["aof_last_bgrewrite_status"] != "err"
        lastFork = number("latest_fork_usec")
        replicas = number("connected_slaves")
        (mostClients, clients) = (number("maxclients"), number("connected_clients"))
    }
}

/// What an installation wants of its Redis.
public struct RedisWishes: Sendable, Equatable {
    /// Replicas that must have a message before it counts as taken; 0: none.
    public var replicas = 0
    public var keepsLedger = false
    public var isInProduction = false
    public var queues: [String] = []
    /// `redis-cli` with what is needed to reach this one, without a password.
    public var command = "redis-cli"
    /// Connections of one worker.
    public var connectionsPerWorker = 8

    public init() {}
}

extension RedisFacts {
    private static let about = "redis"
    private static let slow: Duration = .milliseconds(5)
    private static let verySlow: Duration = .milliseconds(100)
    private static let slowFork: Int64 = 500_000

    public func findings(_ wishes: RedisWishes) -> [DoctorFinding] {
        [server, eviction(wishes), memory(wishes)].compactMap(\.self) + persistence(wishes) + latency(wishes)
            + [clientLimit(wishes), replication(wishes), layout(wishes), groupsThere(wishes)].compactMap(\.self)
    }

    private func set(_ setting: String, _ wishes: RedisWishes) -> String {
        "\(wishes.command) CONFIG SET \(setting), and the same in redis.conf"
    }

    private var server: DoctorFinding {
        let version = version ?? "of an unknown version"
        if let major = Int(version.prefix { $0 != "." }), major < 7 {
            return .error(
                Self.about, "Redis \(version)", why: "its scripts cannot settle jobs",
                mend: "install Redis 7.0 or newer")
        }
        if role == "slave" {
            return .error(
                Self.about, "Redis \(version) is a replica", why: "it takes no writes",
                mend: "set REDIS_URL to the primary")
        }
        return .ok(Self.about, "Redis \(version) answers")
    }

    private func eviction(_ wishes: RedisWishes) -> DoctorFinding? {
        guard let policy else {
            return .warning(
                Self.about, "maxmemory-policy is not told", why: "a full Redis may throw messages away",
                mend: "see to it that it is noeviction")
        }
        guard policy != "noeviction" else { return .ok(Self.about, "maxmemory-policy noeviction") }
        return .error(
            Self.about, "maxmemory-policy \(policy)", why: "a full Redis throws messages away",
            mend: set("maxmemory-policy noeviction", wishes))
    }

    private func memory(_ wishes: RedisWishes) -> DoctorFinding? {
        guard let most = mostMemory, let used = usedMemory else { return nil }
        guard most > 0 else {
            return .warning(
                Self.about, "maxmemory is not set, \(Self.bytes(used)) used",
                why: "the machine's memory is the limit, and the ingress cannot refuse before that is full",
                mend: set("maxmemory 2gb", wishes))
        }
        let share = Double(used) / Double(most)
        let seen = "\(Self.bytes(used)) of \(Self.bytes(most)) used (\(Int(share * 100))%)"
        let mend = set("maxmemory \(max(256, most >> 19))mb", wishes)
        if share >= 0.9 {
            return .error(
                Self.about, seen, why: "from 90% on the ingress refuses messages, and at 100% nothing is settled",
                mend: mend)
        }
        if share >= 0.7 {
            return .warning(Self.about, seen, why: "from 90% on the ingress refuses messages", mend: mend)
        }
        if most < 64 << 20 {
            return .warning(
                Self.about, seen, why: "that holds few messages while a provider is away", mend: mend)
        }
        return .ok(Self.about, seen)
    }

    static func bytes(_ count: Int64) -> String {
        let units: [(Int64, String)] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        guard let (size, name) = units.first(where: { count >= $0.0 }) else { return "\(count) bytes" }
        let tenths = count * 10 / size
        return tenths.isMultiple(of: 10) ? "\(tenths / 10) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
    }

    private func persistence(_ wishes: RedisWishes) -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        switch (isAppending, syncs) {
        case (true, "no"):
            findings.append(
                .warning(
                    Self.about, "appendfsync no", why: "a power failure loses half a minute of accepted messages",
                    mend: set("appendfsync everysec", wishes)))
        case (true, let syncs): findings.append(.ok(Self.about, "append-only file, appendfsync \(syncs ?? "not told")"))
        case (false, _) where snapshots?.isEmpty == false:
            findings.append(
                .warning(
                    Self.about, "snapshots only (save \(snapshots ?? ""))",
                    why: "a crash loses all that was accepted since the last one",
                    mend: set("appendonly yes", wishes)))
        case (false, _) where snapshots == nil:
            findings.append(
                .warning(
                    Self.about, "appendonly no, and whether it takes snapshots is not told",
                    why: "a crash loses at least what was accepted since the last one",
                    mend: set("appendonly yes", wishes)))
        case (false, _):
            findings.append(
                .error(
                    Self.about, "appendonly no, and no snapshots",
                    why: "a restart loses every message", mend: set("appendonly yes", wishes)))
        case (nil, _):
            findings.append(
                .warning(
                    Self.about, "whether it writes to disk is not told", why: "a restart may lose every message",
                    mend: "see to it that the append-only file is on"))
        }
        if !writesFiles {
            findings.append(
                .error(
                    Self.about, "its last write to disk failed", why: "it may refuse writes, or lose them",
                    mend: "look at its log, and at the space on its disk"))
        }
        return findings
    }

    private func latency(_ wishes: RedisWishes) -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        if let worst = pings.last {
            let median = pings[pings.count / 2]
            let seen = "PING median \(Self.milliseconds(median)), slowest of \(pings.count) \(Self.milliseconds(worst))"
            if median >= Self.slow || worst >= Self.verySlow {
                findings.append(
                    .warning(
                        Self.about, seen, why: "each message waits for several round trips",
                        mend: "\(wishes.command) --latency; \(wishes.command) LATENCY DOCTOR; put Redis nearer"))
            } else {
                findings.append(.ok(Self.about, seen))
            }
        }
        if let lastFork, lastFork >= Self.slowFork {
            findings.append(
                .warning(
                    Self.about, "its last fork took \(lastFork / 1000) ms", why: "nothing is answered meanwhile",
                    mend: "less memory in one Redis, or a machine whose fork is fast"))
        }
        if hasHugePages == true {
            findings.append(
                .warning(
                    Self.about, "transparent huge pages are on", why: "they make Redis slow and large while it forks",
                    mend: "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"))
        }
        return findings
    }

    static func milliseconds(_ time: Duration) -> String {
        let hundredths = Int(time / .microseconds(10))
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) ms"
    }

    private func clientLimit(_ wishes: RedisWishes) -> DoctorFinding? {
        guard let most = mostClients, let clients else { return nil }
        let room = (most - clients) / Int64(max(1, wishes.connectionsPerWorker))
        let seen = "\(clients) of \(most) clients"
        guard room < 10 else { return .ok(Self.about, seen) }
        return .warning(
            Self.about, seen, why: "there is room for \(max(0, room)) more workers only",
            mend: set("maxclients \(max(1000, most * 2))", wishes))
    }

    private func replication(_ wishes: RedisWishes) -> DoctorFinding? {
        guard wishes.replicas > 0 else { return nil }
        let seen = "\(replicas ?? 0) replicas"
        guard replicas ?? 0 >= wishes.replicas else {
            return .error(
                Self.about, seen, why: "ENQUEUE_DURABILITY=replicated wants \(wishes.replicas), and nothing is taken",
                mend: "start replicas, or set ENQUEUE_REPLICAS or ENQUEUE_DURABILITY")
        }
        return .ok(Self.about, seen)
    }

    private func layout(_ wishes: RedisWishes) -> DoctorFinding? {
        guard let ledger = agreed["ledger"] else { return .ok(Self.about, "nothing has been started here yet") }
        guard ledger == "\(wishes.keepsLedger)" else {
            return .error(
                Self.about, "the other processes \(ledger == "true" ? "keep a" : "keep no") ledger",
                why: "with these settings a process does not start beside them",
                mend: ledger == "true" ? "set DATABASE_URL as the others have it" : "LEDGER_ENABLED=false")
        }
        return .ok(Self.about, "layout \(agreed["layout"] ?? "?"), ledger \(ledger == "true" ? "kept" : "not kept")")
    }

    /// Without one a queue has never had a worker.
    private func groupsThere(_ wishes: RedisWishes) -> DoctorFinding? {
        let missing = wishes.queues.filter { !groups.contains($0) }
        guard !missing.isEmpty, !agreed.isEmpty else { return nil }
        return .warning(
            Self.about, "no group of workers for \(missing.joined(separator: ", "))",
            why: "no worker has ever read it", mend: "posthaste worker")
    }
}
