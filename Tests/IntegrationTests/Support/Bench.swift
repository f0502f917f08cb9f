import Logging
import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// One queue under keys of its own on a live server, and short ways to put it into a state and to look at it.
struct Bench: Sendable {
    let redis: RedisClient
    let store: RedisStore
    let client: JobClient
    let keys: KeySpace
    let queue: JobQueue

    var stream: String { keys.stream(queue.name) }

    func stream(_ lane: Lane) -> String { keys.stream(queue.name, lane) }
}

/// Runs a body beside a queue of its own.
@discardableResult
func withBench<Result: Sendable>(
    on server: PrivateRedis? = nil, tracked: Bool = true, events: Bool = false,
    commandTimeout: Duration = .seconds(20), _ body: (Bench) async throws -> Result
) async throws -> Result {
    let server = if let server { server } else { try await PrivateRedis.shared() }
    var configuration = server.configuration
    configuration.commandTimeout = commandTimeout
    return try await withClient(configuration) { redis in
        let keys = freshKeys()
        var options = RedisStoreOptions()
        options.keepsEvents = events
        let store = RedisStore(redis: redis, keys: keys, options: options)
        let client = JobClient(store: JobStore(store), patience: commandTimeout * 2)
        let bench = Bench(
            redis: redis, store: store, client: client, keys: keys, queue: JobQueue("work", isTracked: tracked))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await body(bench)
        }
    }
}

extension RedisClient {
    @discardableResult
    func ask(_ words: String...) async throws -> RedisValue { try await ask(words) }

    @discardableResult
    func ask(_ words: [String]) async throws -> RedisValue {
        var command = RedisCommand()
        for word in words { command.append(word) }
        return try await send(command)
    }

    /// Unix milliseconds of the server's clock.
    func now() async throws -> Int64 {
        let time = try await ask("TIME").array ?? []
        return try #require(time.first?.int) * 1000 + #require(time.last?.int) / 1000
    }

    /// A hash, or the fields of an entry, as text.
    func hash(_ key: String) async throws -> [String: String] {
        try await ask("HGETALL", key).map?.compactMapValues(\.string) ?? [:]
    }

    func exists(_ key: String) async throws -> Bool { try await ask("EXISTS", key).int == 1 }
}

/// A row of XPENDING.
struct PendingRow: Equatable {
    var entry: String
    var consumer: String
    var idle: Int64
    var deliveries: Int64
}

extension Bench {
    /// Entries of the normal lane's stream, or another's.
    func length(_ lane: Lane = .normal) async throws -> Int64 {
        try #require(await redis.ask("XLEN", stream(lane)).int)
    }

    func deadCount() async throws -> Int64 { try #require(await redis.ask("XLEN", keys.dead(queue.name)).int) }

    func retryCount() async throws -> Int64 { try #require(await redis.ask("ZCARD", keys.retry(queue.name)).int) }

    func scheduledCount() async throws -> Int64 {
        try #require(await redis.ask("ZCARD", keys.scheduled(queue.name)).int)
    }

    /// The ids in a delayed set, the next due first.
    func delayed(_ set: DelayedSet) async throws -> [String] {
        try await redis.ask("ZRANGE", keys.delayed(queue.name, set), "0", "-1").array?.compactMap(\.string) ?? []
    }

    func record(_ id: JobID) async throws -> [String: String] { try await redis.hash(keys.record(id)) }

    func pending(_ lane: Lane = .normal) async throws -> [PendingRow] {
        do {
            let rows = try await redis.ask("XPENDING", stream(lane), KeySpace.group, "-", "+", "100000").array ?? []
            return try rows.map { row in
                let row = try #require(row.array)
                return PendingRow(
                    entry: try #require(row[0].string), consumer: try #require(row[1].string),
                    idle: try #require(row[2].int), deliveries: try #require(row[3].int))
            }
        } catch let error as RedisError where error.serverCode == "NOGROUP" {
            return []
        }
    }

    /// The consumers that a lane's group knows.
    func consumers(_ lane: Lane = .normal) async throws -> [String] {
        let rows = try await redis.ask("XINFO", "CONSUMERS", stream(lane), KeySpace.group).array ?? []
        return rows.compactMap { $0.map?["name"]?.string }
    }

    /// Whether a worker's reader is connected, and its last command was a read of new entries.
    func isReading(_ worker: Worker) async throws -> Bool {
        try await readers(of: worker).contains { $0.contains(" cmd=xreadgroup ") }
    }

    /// The connections that a worker has for its readers.
    func readers(of worker: Worker) async throws -> [Substring] {
        let clients = try await redis.ask("CLIENT", "LIST").string ?? ""
        return clients.split(separator: "\n").filter { $0.contains(" name=\(worker.consumer) ") }
    }

    /// The entries of a stream, each as its fields by name.
    func entries(_ stream: String) async throws -> [[String: String]] {
        try await redis.ask("XRANGE", stream, "-", "+").array?.compactMap {
            $0.array?.last?.map?.compactMapValues(\.string)
        } ?? []
    }

    /// The types of the events so far.
    func events() async throws -> [String] { try await entries(keys.events).compactMap { $0["type"] } }

    /// Nothing of the queue is left but what has ended. One look: between two a job might move from where the second is to
    /// where the first was.
    func isEmpty() async throws -> Bool {
        let look = """
            local n = redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2])
            for i = 3, 5 do
                local pending = redis.pcall('XPENDING', KEYS[i], ARGV[1])
                n = n + redis.call('XLEN', KEYS[i]) + (pending.err and 0 or pending[1])
            end
            return n
            """
        let sets = DelayedSet.allCases.map { keys.delayed(queue.name, $0) }
        return try await redis.ask(
            ["EVAL", look, "5"] + sets + Lane.allCases.map(stream(_:)) + [KeySpace.group]
        ).int == 0
    }
}
