import JobRuntime
import NIOCore
import Redis
import TestSupport
import Testing

extension Bench {
    /// A consumer of the events.
    func ledger(_ consumer: String) -> EventGroup {
        EventGroup(redis: redis, keys: keys, consumer: consumer, logger: .quiet)
    }

    /// Writes so many events that are of no job, numbered from 0.
    func write(_ count: Int) async throws {
        let script = """
            for i = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], '*', 'type', 'test', 'number', i - 1) end
            """
        try await redis.ask("EVAL", script, "1", keys.events, "\(count)")
    }

    func eventCount() async throws -> Int64 { try #require(await redis.ask("XLEN", keys.events).int) }

    /// Consumer → how many events it holds.
    func eventConsumers() async throws -> [String: Int64] {
        let rows = try await redis.ask("XINFO", "CONSUMERS", keys.events, KeySpace.ledger).array ?? []
        return try rows.reduce(into: [:]) { consumers, row in
            let fields = try #require(row.map)
            consumers[try #require(fields["name"]?.string)] = try #require(fields["pending"]?.int)
        }
    }

    /// The connections of a consumer that wait for events.
    func waiting(_ consumer: String) async throws -> [Substring] {
        let clients = try await redis.ask("CLIENT", "LIST").string ?? ""
        return clients.split(separator: "\n").filter {
            $0.contains(" name=\(consumer) ") && $0.contains(" flags=b ") && $0.contains(" cmd=xreadgroup ")
        }
    }
}

extension LedgerEvent {
    var job: JobEvent? { if case .job(let event, _) = content { event } else { nil } }

    var payload: ByteBuffer? { if case .job(_, let payload) = content { payload } else { nil } }

    /// As ``Bench/write(_:)`` numbers them.
    var number: Int? {
        if case .other("test", let fields) = content { fields["number"].flatMap { Int($0) } } else { nil }
    }
}
