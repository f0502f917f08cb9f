import ArgumentParser
import Foundation
import JobRuntime
import Logging
import NIOCore
import Redis
import ServiceLifecycle

/// The runtime's own cycle, for the benchmark: one process enqueues, another works.
@main
struct RuntimeCycle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtime-cycle", abstract: "enqueue → no-op handler → settle, for `make bench`",
        subcommands: [Produce.self, Consume.self])
}

struct Target: ParsableArguments {
    @Argument(help: "redis:// or unix:// address") var redis: String
    @Argument(help: "name of the queue") var queue: String
    @Argument(help: "how many jobs") var jobs: Int
    @Flag(help: "keep a record of each job") var tracked = false

    var jobQueue: JobQueue { JobQueue(queue, isTracked: tracked) }

    func client() throws -> RedisClient {
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        return RedisClient(try RedisConfiguration(url: redis), logger: logger)
    }
}

struct Produce: AsyncParsableCommand {
    @OptionGroup var target: Target
    @Option(help: "bytes of a payload") var bytes = 250
    @Option(help: "jobs of one call") var batch = 100

    func run() async throws {
        let redis = try target.client()
        let client = JobClient(redis: redis, logger: Logger(label: "bench"))
        // A JSON string of the size asked for, quotes included.
        let payload = ByteBuffer(string: "\"" + String(repeating: "x", count: max(0, bytes - 2)) + "\"")
        try await withThrowingTaskGroup { group in
            group.addTask { await redis.run() }
            for start in stride(from: 0, to: target.jobs, by: batch) {
                let jobs = (start..<min(start + batch, target.jobs)).map { _ in
                    NewJob(queue: target.jobQueue, kind: "noop", payload: payload)
                }
                try await client.enqueue(jobs, to: target.jobQueue)
            }
            group.cancelAll()
        }
    }
}

struct Consume: AsyncParsableCommand {
    @OptionGroup var target: Target
    @Option(help: "jobs in flight at a time") var slots = 500

    func run() async throws {
        let redis = try target.client()
        var handlers = JobHandlers()
        handlers.register(rawKind: "noop") { _, _ in .succeeded() }
        var options = WorkerOptions()
        options.slots = slots
        let worker = Worker(
            queues: [target.jobQueue], handlers: handlers, redis: redis, options: options,
            logger: Logger(label: "bench"))
        await withTaskGroup { group in
            group.addTask { await redis.run() }
            group.addTask { await worker.run() }
            // At once: whoever started this waits for the line.
            FileHandle.standardOutput.write(Data("ready\n".utf8))
            while worker.counts.done < target.jobs { try? await Task.sleep(for: .milliseconds(1)) }
            group.cancelAll()
        }
    }
}
