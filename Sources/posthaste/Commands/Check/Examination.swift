import Delivery
import Ingress
import JobRuntime
import Logging
import Messaging
import Operations
import Postgres
import Redis

/// Gathers what `posthaste doctor` judges, from wherever the settings say.
struct Examination {
    let survey: SettingsSurvey
    private let logger = Logger(label: "posthaste.doctor") { _ in SwiftLogNoOpLogHandler() }

    /// What a worker, at most, has to Redis: one connection, one for each queue, and the projector's.
    private static let redisConnections = Channel.allCases.count + 4
    /// And to Postgres: the projector's four, the audit's and the housekeeper's.
    private static let postgresConnections = 6
    /// Files beside connections.
    private static let otherFiles = 256

    init(_ reader: SettingsReader) async { survey = await SettingsSurvey(reader) }

    /// Everything, in the order of a report.
    func findings(asksProviders: Bool) async -> [DoctorFinding] {
        // What is not usable is named, and what goes by it cannot be looked at.
        guard let settings = try? Settings(survey.reader) else { return survey.facts(nil).findings }
        async let redis = examineRedis(settings)
        async let postgres = examinePostgres(settings)
        async let providers = asksProviders ? examineProviders(settings) : []
        var machine = MachineFacts()
        machine.files = MachineFacts.openFiles()
        machine.wanted = wantedFiles(settings)
        let (ofRedis, ofPostgres) = (await redis, await postgres)
        for (name, clock) in [("Redis", ofRedis.clock), ("Postgres", ofPostgres.clock)] {
            guard let clock else { continue }
            machine.ahead.append((name, clock.ahead))
            machine.doubt = max(machine.doubt, clock.doubt)
        }
        return survey.facts(settings).findings + ofRedis.findings + ofPostgres.findings + (await providers)
            + machine.findings
    }

    private func wantedFiles(_ settings: Settings) -> (ingress: Int, worker: Int) {
        let slots = (try? settings.worker()).map { options in
            Channel.allCases.map { options.slots(of: JobQueue($0.queueName)) }
        }
        let worker = slots.map { 2 * $0.reduce(0, +) + Self.otherFiles } ?? 0
        return ((try? settings.ingress()).map { $0.connections.maximum + Self.otherFiles } ?? 0, worker)
    }

    private typealias Examined = (findings: [DoctorFinding], clock: ClockReading?)

    private func examineRedis(_ settings: Settings) async -> Examined {
        let redis = settings.redis.named("posthaste-doctor")
        var wishes = RedisWishes()
        wishes.isInProduction = settings.environment == .production
        wishes.keepsLedger = (try? settings.keepsLedger) ?? false
        if (try? settings.durability) == .replicated {
            wishes.replicas = (try? settings.reader.integer("ENQUEUE_REPLICAS", in: 1...100)) ?? 1
        }
        wishes.queues = Operator.messageQueues
        wishes.command = Self.command(redis)
        wishes.connectionsPerWorker = Self.redisConnections
        do throws(RedisError) {
            let examination = try await RedisExamination(redis, keys: settings.keys, queues: wishes.queues)
            var facts = examination.facts
            if Self.isHere(redis.endpoint) { facts.hasHugePages = MachineFacts.hasHugePages() }
            return (facts.findings(wishes), examination.clock)
        } catch {
            let finding = DoctorFinding.unreachable(
                "redis", "\(redis.endpoint): \(error)", why: "nothing is taken in and nothing is sent",
                mend: "start Redis, or correct REDIS_URL (or REDIS_HOST and the like)")
            return ([finding], nil)
        }
    }

    private static func isHere(_ endpoint: RedisConfiguration.Endpoint) -> Bool {
        switch endpoint {
        case .unixSocket: true
        case .tcp(let host, _): SettingsSurvey.isThisMachine(host)
        }
    }

    /// Without a password: that is asked for.
    private static func command(_ redis: RedisConfiguration) -> String {
        var words = ["redis-cli"]
        switch redis.endpoint {
        case .tcp(let host, let port):
            if host != "127.0.0.1" { words += ["-h", host] }
            if port != 6379 { words += ["-p", "\(port)"] }
        case .unixSocket(let path): words += ["-s", path]
        }
        if redis.password != nil { words.append("--askpass") }
        return words.joined(separator: " ")
    }

    private func examinePostgres(_ settings: Settings) async -> Examined {
        guard let configuration = try? settings.postgres() else {
            return ([.fine("postgres", "no ledger is kept")], nil)
        }
        let isAccepting = (try? settings.durability) == .ledger
        do {
            let examination = try await PostgresExamination(configuration, logger: logger)
            let findings = examination.facts.findings(
                connections: Self.postgresConnections, isAccepting: isAccepting)
            return (findings, examination.clock)
        } catch {
            let why = isAccepting ? "nothing is taken in" : "events pile up in Redis, and lists are not answered"
            let finding = DoctorFinding.unreachable(
                "postgres", "\(configuration): \(error)", why: why,
                mend: "start Postgres, or correct DATABASE_URL (or POSTGRES_HOST and the like)")
            return ([finding], nil)
        }
    }

    private func examineProviders(_ settings: Settings) async -> [DoctorFinding] {
        let http = OutboundHTTP()
        let checks = (try? settings.providerChecks(http)) ?? []
        let findings = await withTaskGroup(of: (Int, DoctorFinding).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, .provider(check.name, await check.standing(), check.variables)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        try? await http.shutdown()
        return findings
    }
}
