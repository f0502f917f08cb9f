public import Logging
public import Redis
public import ServiceLifecycle

/// Makes sure, as soon as Redis answers, that every process on the same keys uses them in the same way: the first to
/// start writes down how, in `posthaste:meta`, and one that would have it otherwise is ended. A Redis that has lost it is
/// told again by those that run.
///
/// A process that kept no events where others keep them would leave holes in the ledger; one that kept them where nobody
/// reads them would fill Redis.
public struct LayoutCheck: Service {
    private let store: RedisStore
    private let wanted: [(field: String, value: String)]
    private let logger: Logger

    /// How often it is written down anew, where it has gone.
    var renewal: Duration = .seconds(5)

    /// Counts up whenever keys, or what is in them, change so that an older version cannot use them.
    static let layout = 1
    private static let ledger = "ledger"

    /// - Parameters:
    ///   - redis: must be running.
    ///   - keepsLedger: as ``RedisStoreOptions/keepsEvents``.
    public init(redis: RedisClient, keys: KeySpace = KeySpace(), keepsLedger: Bool, logger: Logger) {
        store = RedisStore(redis: redis, keys: keys)
        wanted = [("layout", "\(Self.layout)"), ("partitions", "1"), (Self.ledger, "\(keepsLedger)")]
        self.logger = logger
    }

    /// - Throws: ``LayoutDisagreement``; ``StoreError`` when Redis refuses to tell.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await check()
            // A service that returns ends its group.
            var last: LayoutDisagreement?
            while !Task.isCancelled {
                try? await Task.sleep(for: renewal)
                guard let found = try? await ask() else { continue }
                // Whoever has it otherwise by now started after the loss: a person must say who is right.
                let disagreement = disagreement(found)
                if let disagreement, disagreement != last {
                    logger.critical("Processes disagree", metadata: ["error": "\(disagreement)"])
                }
                last = disagreement
            }
        }
    }

    /// Whether a ledger is kept here; nil: nothing has ever been started here.
    public static func keepsLedger(redis: RedisClient, keys: KeySpace = KeySpace()) async throws(StoreError) -> Bool? {
        let store = RedisStore(redis: redis, keys: keys)
        return try await store.send(RedisCommand("HGET", keys.meta, ledger)).string.map { $0 == "true" }
    }

    /// Returns once all agree, or when the service is to end before Redis has answered.
    func check() async throws {
        guard let found = try await found() else { return }
        if let disagreement = disagreement(found) { throw disagreement }
        logger.debug("All processes use the keys in the same way", metadata: ["agreed": "\(found)"])
    }

    private func disagreement(_ found: [String]) -> LayoutDisagreement? {
        let disagreements = zip(wanted, found).compactMap { wanted, found in
            wanted.value == found
                ? nil : LayoutDisagreement.Field(name: wanted.field, found: found, wanted: wanted.value)
        }
        guard !disagreements.isEmpty else { return nil }
        return LayoutDisagreement(
            disagreements: disagreements, key: store.keys.meta, database: store.redis.configuration.database)
    }

    /// Writes down what nobody has written down yet.
    ///
    /// - Returns: what is there, in the order of ``wanted``.
    private func ask() async throws(StoreError) -> [String] {
        var call = ScriptCall(Scripts.meta)
        call.key(store.keys.meta)
        for (field, value) in wanted { call.words(field, value) }
        let reply = try await store.run(call)
        guard let found = reply.array?.compactMap(\.string), found.count == wanted.count else {
            throw .unexpected(reply, of: "meta.lua")
        }
        return found
    }

    /// - Returns: nil when the service is to end before Redis has answered.
    private func found() async throws(StoreError) -> [String]? {
        // What is asked while Redis is away fails at once: to look often costs little, and a process that will be ended
        // does little before.
        var backoff = Backoff(cap: .milliseconds(100))
        while !Task.isCancelled {
            do throws(StoreError) {
                return try await ask()
            } catch let error where error.code == .unavailable || error.code == .busy {
                try? await Task.sleep(for: backoff.next())
            }
        }
        return nil
    }
}

/// The keys are used in another way than this process would.
public struct LayoutDisagreement: Error, Sendable, Equatable {
    public struct Field: Sendable, Equatable {
        /// `layout`, `partitions` or `ledger`.
        public let name: String
        /// What all others go by.
        public let found: String
        /// What this process was set to.
        public let wanted: String
    }

    public let disagreements: [Field]
    let key: String
    let database: Int
}

extension LayoutDisagreement: CustomStringConvertible {
    public var description: String {
        "This process disagrees with what \(key) says of all: " + disagreements.map(sentence).joined(separator: " ")
    }

    private func sentence(_ field: Field) -> String {
        let difference = "\(field.name) is \(field.found), and this process is set to \(field.wanted)."
        guard field.name == "ledger" else {
            return """
                \(difference) Run the version, with the settings, that the others run; or use another Redis, database or \
                key prefix.
                """
        }
        return """
            \(difference) Either set this process as the others are; or, to change all of them, stop every process, run \
            `\(command) HSET \(key) ledger \(field.wanted)`, and start them with the new setting.
            """
    }

    private var command: String { database == 0 ? "redis-cli" : "redis-cli -n \(database)" }
}
