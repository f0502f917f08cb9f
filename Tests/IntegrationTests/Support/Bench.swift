import Logging
import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// One queue under keys of its own on a live server, and short ways to put it into a state and to look at it.
struct Bench: Sendable {
    let redis: RedisClient
    let client: JobClient
    let keys: KeySpace
    let queue: JobQueue

    var stream: String { keys.stream(queue.name) }
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
        let client = JobClient(redis: redis, keys: keys, keepsEvents: events, logger: .quiet)
        let bench = Bench(redis: redis, client: client, keys: keys, queue: JobQueue("work", isTracked: tracked))
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
    func length() async throws -> Int64 { try #require(await redis.ask("XLEN", stream).int) }

    func deadCount() async throws -> Int64 { try #require(await redis.ask("XLEN", keys.dead(queue.name)).int) }

    func retryCount() async throws -> Int64 { try #require(await redis.ask("ZCARD", keys.retry(queue.name)).int) }

    func record(_ id: JobID) async throws -> [String: String] { try await redis.hash(keys.record(id)) }

    func pending() async throws -> [PendingRow] {
        do {
            let rows = try await redis.ask("XPENDING", stream, KeySpace.group, "-", "+", "100000").array ?? []
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

    /// The consumers that the group knows.
    func consumers() async throws -> [String] {
        let rows = try await redis.ask("XINFO", "CONSUMERS", stream, KeySpace.group).array ?? []
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

    /// Nothing of the queue is left but what has ended.
    func isEmpty() async throws -> Bool {
        try await [length(), retryCount(), Int64(pending().count)] == [0, 0, 0]
    }
}
