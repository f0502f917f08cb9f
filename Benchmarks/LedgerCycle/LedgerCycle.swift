import ArgumentParser
import JobRuntime
import Ledger
import Logging
import NIOCore
import Postgres
import Redis
import ServiceLifecycle

/// What the benchmark of the ledger runs: events as workers write them, and a projector that keeps them.
@main
struct LedgerCycle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [Fill.self, Project.self, Lag.self])
}

struct Servers: ParsableArguments {
    @Option(help: "redis://… or unix://…") var redis: String
    @Option(help: "postgres://…") var postgres = ""

    func redisClient() throws -> RedisClient {
        RedisClient(try RedisConfiguration(url: redis), logger: Logger(label: "bench"))
    }

    func postgresClient() throws -> PostgresClient {
        PostgresClient(try PostgresConfiguration(url: postgres), connections: 2, logger: Logger(label: "bench"))
    }

    /// Runs a body beside a client that is kept connected.
    func withRedis(_ body: (RedisClient) async throws -> Void) async throws {
        let redis = try redisClient()
        try await withThrowingTaskGroup { group in
            group.addTask { await redis.run() }
            defer { group.cancelAll() }
            try await body(redis)
        }
    }
}

/// Two events of a message, in the form of `enqueue.lua` and `settle.lua`.
struct MessageEvents {
    static let body = String(repeating: "x", count: 120)

    static func write(_ redis: RedisClient) async throws {
        let id = JobID().description
        let at = "\(Int64(JobID(id)?.milliseconds ?? 0))"
        let to = "+1555\(Int.random(in: 1_000_000...9_999_999))"
        let payload = "{\"from\":\"+15550\(Int.random(in: 1000...1099))\",\"to\":\"\(to)\",\"body\":\"\(body)\"}"
        let queue = "message_queue:sms"
        async let accepted = redis.send(
            command(
                "type", "accepted", "id", id, "queue", queue, "kind", "sms", "attempt", "1", "at", at, "lane", "normal",
                "data", payload))
        async let succeeded = redis.send(
            command(
                "type", "succeeded", "id", id, "queue", queue, "attempt", "1", "at", at, "consumer", "host-1-abcdefg",
                "deliveries", "1", "elapsed", "53", "result",
                #"{"provider":"twilio","id":"SM0123456789abcdef0123456789abcdef","segments":1}"#, "error", ""))
        _ = try await (accepted, succeeded)
    }

    private static func command(_ fields: String...) -> RedisCommand {
        var command = RedisCommand("XADD", KeySpace().events, "*")
        for field in fields { command.append(field) }
        return command
    }
}

struct Fill: AsyncParsableCommand {
    @OptionGroup var servers: Servers
    @Option var messages = 100_000

    func run() async throws {
        try await servers.withRedis { redis in
            try await withThrowingTaskGroup { group in
                for _ in 0..<256 {
                    group.addTask { for _ in 0..<(messages / 256) { try await MessageEvents.write(redis) } }
                }
                try await group.waitForAll()
            }
        }
    }
}

struct Project: AsyncParsableCommand {
    @OptionGroup var servers: Servers

    /// Until nothing is left; prints how long that took, in seconds.
    func run() async throws {
        let (redis, postgres) = (try servers.redisClient(), try servers.postgresClient())
        let events = EventGroup(redis: redis, consumer: "bench-\(JobID())", logger: Logger(label: "bench"))
        let projector = LedgerProjector(events: events, postgres: postgres, logger: Logger(label: "bench"))
        let group = ServiceGroup(services: [redis, postgres, projector], logger: Logger(label: "bench"))
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            while try await events.backlog().length > 0 { try await Task.sleep(for: .milliseconds(10)) }
            print(Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

struct Lag: AsyncParsableCommand {
    @OptionGroup var servers: Servers
    @Option(help: "messages a second") var rate = 2000.0
    @Option(help: "seconds") var time = 20

    /// Prints how old the oldest event is that is not kept: median, 99th percentile and maximum, in milliseconds.
    func run() async throws {
        let (redis, postgres) = (try servers.redisClient(), try servers.postgresClient())
        let events = EventGroup(redis: redis, consumer: "bench-\(JobID())", logger: Logger(label: "bench"))
        let projector = LedgerProjector(events: events, postgres: postgres, logger: Logger(label: "bench"))
        let group = ServiceGroup(services: [redis, postgres, projector], logger: Logger(label: "bench"))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { try await produce(redis) }
            var ages: [Int64] = []
            let end = ContinuousClock.now + .seconds(time)
            while ContinuousClock.now < end {
                ages.append(try await events.backlog().oldestAge ?? 0)
                try await Task.sleep(for: .milliseconds(7))
            }
            ages.sort()
            print(ages[ages.count / 2], ages[ages.count * 99 / 100], ages.last ?? 0)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func produce(_ redis: RedisClient) async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { writes in
            for number in 0..<Int(rate * Double(time)) {
                try await Task.sleep(until: start + .seconds(Double(number) / rate), clock: .continuous)
                writes.addTask { try await MessageEvents.write(redis) }
            }
            try await writes.waitForAll()
        }
    }
}
