import ArgumentParser
import JobRuntime
import Logging
import Messaging
import Operations
import Redis
import UnixSignals

/// What the commands of an operator share: Redis, what is asked of it, and how answers are shown.
struct Operator {
    let settings: Settings
    let redis: RedisClient
    let inspector: QueueInspector
    let store: JobStore
    /// Whether what the command does is told to a ledger.
    let keepsEvents: Bool

    /// - Parameter no: what 1 means; nil: nothing.
    static func exitCodes(_ no: String? = "there is no such queue") -> String {
        """
        Exit codes: 0 done; \(no.map { "1 \($0); " } ?? "")64 wrong usage or settings; 69 Redis cannot be reached; \
        70 Redis refuses.
        """
    }

    static let messageQueues = Channel.allCases.map(\.queueName)

    /// Goes by what the processes agree on that run here: whoever sits there may have other settings, or none.
    private init(_ settings: Settings, _ redis: RedisClient) async throws {
        self.settings = settings
        self.redis = redis
        inspector = QueueInspector(redis: redis, keys: settings.keys)
        let found = try await LayoutCheck.keepsLedger(redis: redis, keys: settings.keys)
        keepsEvents = try found ?? settings.keepsLedger
        store = try settings.store(redis, keepsEvents: keepsEvents)
    }

    /// Runs a command beside a connection to Redis.
    ///
    /// - Parameter name: how the connection is called in CLIENT LIST.
    static func run(_ name: String, _ command: (Operator) async throws -> Void) async throws {
        do {
            let settings = try await Settings.load()
            let redis = RedisClient(settings.redis.named("posthaste-\(name)"), logger: try settings.quietLogger())
            try await withThrowingTaskGroup { group in
                group.addTask { await redis.run() }
                defer { group.cancelAll() }
                try await command(Operator(settings, redis))
            }
        } catch let error as SettingError {
            throw misused("\(error)")
        } catch let error as StoreError {
            throw failed(error)
        } catch let error as RedisError {
            throw failed(StoreError(error))
        }
    }

    private static func failed(_ error: StoreError) -> ExitCode {
        let isAway = error.code == .unavailable || error.code == .busy
        say(isAway ? "Redis cannot be reached (\(error))" : "Redis refused it (\(error))")
        return ExitCode(isAway ? 69 : 70)
    }

    /// Puts an answer out, as JSON or as text.
    static func show(json: Bool, _ answer: some Encodable, text: @autoclosure () -> String) throws {
        Terminal.write((json ? try JSONText.document(answer) : text()) + "\n")
    }

    /// Says something beside the answer.
    static func say(_ text: String) { Terminal.write("posthaste: \(text)\n", to: .error) }

    /// Says what is wrong with how a command was called.
    ///
    /// - Returns: what ends the command.
    static func misused(_ text: String) -> ExitCode {
        say(text)
        return ExitCode(64)
    }

    /// Makes sure that somebody can be asked, or said yes: before a question that takes long to put together.
    static func expectAnswer(_ options: ConfirmOptions) throws {
        guard options.yes || Terminal.isTerminal(.input) else {
            throw misused("nobody can be asked here, and nothing was done: say --yes")
        }
    }

    /// Asks before something that cannot be taken back.
    ///
    /// - Throws: what ends the command, unless the answer is yes.
    static func confirm(_ question: String, _ options: ConfirmOptions) throws {
        if options.yes { return }
        try expectAnswer(options)
        Terminal.write("\(question) [y/N] ", to: .error)
        // Nothing else is to be done meanwhile.
        guard let answer = readLine()?.lowercased(), answer == "y" || answer == "yes" else {
            say("nothing was done")
            throw ExitCode(1)
        }
    }

    /// The whole names of queues, as they were typed.
    func queues(_ names: [String]) async throws -> [String] {
        let known = try await knownQueues()
        return try names.map { name in
            guard let queue = QueueName.resolve(name, among: known) else {
                Operator.say(
                    "there is no queue \(name); there are \(known.map(QueueName.short).joined(separator: ", "))")
                throw ExitCode(1)
            }
            return queue
        }
    }

    func queue(_ name: String) async throws -> String { try await queues([name])[0] }

    /// Those of the messages, then all others that were ever used.
    func knownQueues() async throws(StoreError) -> [String] {
        let others = try await inspector.queueNames().keys.filter { !Self.messageQueues.contains($0) }
        return Self.messageQueues + others.sorted()
    }
}

struct AnswerOptions: ParsableArguments {
    @Flag(help: "As JSON: durations in milliseconds (…_ms), moments as RFC 3339.") var json = false
}

struct ConfirmOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do not ask.") var yes = false
}

extension Settings {
    /// Says nothing of the connection, since the command does, unless it is to say everything.
    fileprivate func quietLogger() throws -> Logger {
        var logger = try logger("posthaste")
        if logger.logLevel > .debug { logger.logLevel = .critical }
        return logger
    }
}

/// Runs an operation until it ends, or somebody ends the process by SIGINT or SIGTERM: then it is cancelled.
func untilInterrupted(_ operation: @escaping @Sendable () async throws -> Void) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    try await withThrowingTaskGroup { group in
        group.addTask { try await operation() }
        group.addTask { for await _ in signals { return } }
        try await group.next()
        group.cancelAll()
    }
}
