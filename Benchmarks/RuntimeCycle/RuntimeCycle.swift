import ArgumentParser
import JobRuntime
import Logging
import NIOCore
import Redis

/// The runtime's own cycle, for the benchmark: one process enqueues, another works.
@main
struct RuntimeCycle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtime-cycle", abstract: "enqueue → handler → settle, for `make bench`",
        subcommands: [Produce.self, Consume.self])
}

struct Target: ParsableArguments {
    @Argument(help: "redis:// or unix:// address") var redis: String
    @Argument(help: "name of the queue") var queue: String
    @Argument(help: "how many jobs") var jobs: Int
    @Flag(help: "keep a record of each job") var tracked = false
    @Flag(help: "keep events, as for a ledger") var events = false

    var jobQueue: JobQueue { JobQueue(queue, isTracked: tracked) }

    func client() throws -> RedisClient {
        RedisClient(try RedisConfiguration(url: redis), logger: Self.logger)
    }

    func store(_ redis: RedisClient) -> JobStore {
        var options = RedisStoreOptions()
        options.keepsEvents = events
        return .redis(redis, options: options)
    }

    static var logger: Logger {
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        return logger
    }
}
