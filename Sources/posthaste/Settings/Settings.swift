import Delivery
import JobRuntime
import Logging
import Messaging
import Operations
import Redis

/// The settings that every command shares.
struct Settings {
    enum Environment: String, CaseIterable { case development, production, test }

    let reader: SettingsReader
    let environment: Environment
    let redis: RedisConfiguration
    let keys: KeySpace

    init(_ reader: SettingsReader) throws {
        self.reader = reader
        environment = try reader.choice("ENVIRONMENT") ?? .development
        redis = try Self.redis(reader)
        keys = KeySpace(prefix: reader.text("REDIS_KEY_PREFIX") ?? "")
    }

    static func load() async throws -> Settings { try Settings(await SettingsReader()) }

    /// A logger as `LOG_LEVEL`, `DEBUG` and `LOG_FORMAT` want it, to standard error.
    func logger(_ label: String) throws -> Logger {
        let isDebug = try reader.value("DEBUG", expected: "true or false") { Bool($0.lowercased()) } ?? false
        let level: Logger.Level = try reader.choice("LOG_LEVEL") ?? (isDebug ? .debug : .info)
        let format: LogFormat = try reader.choice("LOG_FORMAT") ?? (environment == .production ? .json : .text)
        return Logger(label: label) { label in
            var handler = LineLogHandler(label: label, format: format)
            handler.logLevel = level
            return handler
        }
    }

    private static func redis(_ reader: SettingsReader) throws -> RedisConfiguration {
        if let url = reader.text("REDIS_URL") {
            do {
                return try RedisConfiguration(url: url)
            } catch {
                throw SettingError(variable: "REDIS_URL", expected: "an address: \(error.message)")
            }
        }
        return RedisConfiguration(
            endpoint: .tcp(
                host: reader.text("REDIS_HOST") ?? "127.0.0.1",
                port: try reader.integer("REDIS_PORT", in: 1...65535) ?? 6379),
            password: reader.text("REDIS_PASSWORD"),
            database: try reader.integer("REDIS_DB", in: 0...1_000_000) ?? 0)
    }
}

extension Settings {
    /// In production a Redis that would lose jobs is refused.
    func serverCheck(_ redis: RedisClient, _ logger: Logger) -> ServerCheck {
        ServerCheck(redis: redis, refuses: environment == .production, logger: logger)
    }

    /// - Parameter keepsEvents: nil: as the settings say.
    func store(_ redis: RedisClient, keepsEvents: Bool? = nil) throws -> JobStore {
        var options = RedisStoreOptions()
        options.keepsEvents = try keepsEvents ?? keepsLedger
        try readReplication(into: &options)
        if let life = try reader.integer("JOB_RECORD_TTL", in: 60...31_536_000) { options.recordTTL = .seconds(life) }
        return .redis(redis, keys: keys, options: options)
    }

    func worker() throws -> WorkerOptions {
        var options = WorkerOptions()
        options.noun = "message"
        if let slots = try reader.integer("WORKER_CONCURRENCY", in: 1...100_000) { options.slots = slots }
        for channel in Channel.allCases {
            let variable = "WORKER_CONCURRENCY_\(channel.rawValue.uppercased())"
            options.slotsByQueue[channel.queueName] = try reader.integer(variable, in: 1...100_000)
        }
        if let lease = try reader.integer("LEASE_MS", in: 100...86_400_000) { options.lease = .milliseconds(lease) }
        if let drain = try reader.integer("DRAIN_SECONDS", in: 0...86_400) { options.drain = .seconds(drain) }
        if let most = try reader.integer("MAX_DELIVERIES", in: 1...1000) { options.maximumDeliveries = most }
        if let days = try reader.integer("DEAD_RETENTION_DAYS", in: 1...36_500) {
            options.deadRetention = .seconds(days * 86_400)
        }
        if let timeout = try reader.integer("JOB_TIMEOUT_SECONDS", in: 0...86_400) {
            options.timeout = timeout == 0 ? nil : .seconds(timeout)
        }
        return options
    }
}
