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

    static let exitCodes = """
        Exit codes: 0 done; 1 the answer is no, or there is none; 64 wrong usage; 69 Redis cannot be reached.
        """

    static let messageQueues = Channel.allCases.map(\.queueName)

    /// Runs a command beside a connection to Redis.
    ///
    /// - Parameter name: how the connection is called in CLIENT LIST.
    static func run(_ name: String, _ command: (Operator) async throws -> Void) async throws {
        let settings = try await Settings.load()
        let redis = RedisClient(settings.redis.named("posthaste-\(name)"), logger: try settings.quietLogger())
        let me = Operator(
            settings: settings, redis: redis, inspector: QueueInspector(redis: redis, keys: settings.keys),
            store: try settings.store(redis))
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { await redis.run() }
                defer { group.cancelAll() }
                try await command(me)
            }
        } catch let error as StoreError {
            let isAway = error.code == .unavailable || error.code == .busy
            Operator.say(isAway ? "Redis cannot be reached (\(error))" : "Redis refused it (\(error))")
            throw ExitCode(isAway ? 69 : 70)
        }
    }

    /// Puts an answer out, as JSON or as text.
    static func show(json: Bool, _ answer: some Encodable, text: @autoclosure () -> String) throws {
        Terminal.write((json ? try JSONText.document(answer) : text()) + "\n")
    }

    /// Says something beside the answer.
    static func say(_ text: String) { Terminal.write("posthaste: \(text)\n", to: .error) }

    /// Asks before something that cannot be taken back.
    ///
    /// - Throws: what ends the command, unless the answer is yes.
    static func confirm(_ question: String, _ options: ConfirmOptions) throws {
        if options.yes { return }
        guard Terminal.isTerminal(.input) else {
            throw ValidationError("\(question) Nobody can be asked here: say --yes.")
        }
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
