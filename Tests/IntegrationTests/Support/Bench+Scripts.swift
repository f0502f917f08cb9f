import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

// The scripts, called as the runtime calls them but one at a time, by a consumer of any name.
extension Bench {
    /// Runs a script with keys and arguments as they stand.
    @discardableResult
    func run(_ script: RedisScript, keys: [String], _ arguments: [String]) async throws -> RedisValue {
        var call = ScriptCall(script)
        for key in keys { call.key(key) }
        for argument in arguments { call.argument(argument) }
        return try await redis.run(call)
    }

    func scope(_ consumer: String, events: Bool = false, change: (inout WorkerOptions) -> Void = { _ in }) -> QueueScope
    {
        var options = WorkerOptions(keys: keys)
        options.keepsEvents = events
        change(&options)
        return QueueScope(
            queue: queue, consumer: consumer, redis: redis, options: options, inFlight: InFlight(slots: 10_000),
            counters: WorkerCounters(), logger: .quiet)
    }

    /// Enqueues so many notes, numbered from 0.
    @discardableResult
    func enqueue(_ count: Int, from first: Int = 0) async throws -> [JobID] {
        let jobs = try (first..<first + count).map { try NewJob(Note(number: $0), queue: queue) }
        try await client.enqueue(jobs, to: queue)
        return jobs.map(\.id)
    }

    /// Delivers new entries to a consumer, as a reader would.
    func deliver(_ count: Int, to consumer: String) async throws -> [Delivered] {
        try await scope(consumer).makeGroup()
        let reply = try await redis.ask(
            "XREADGROUP", "GROUP", KeySpace.group, consumer, "COUNT", "\(count)", "STREAMS", stream, ">")
        let entries = reply.array?.first?.array?.last?.array ?? []
        try #require(entries.count == count, "so many are there to be delivered")
        return try entries.map { try #require(Delivered($0, deliveries: 1) ?? .foreign($0, deliveries: 1)) }
    }

    /// Enqueues notes and delivers them.
    func delivered(_ count: Int, to consumer: String) async throws -> [Delivered] {
        try await enqueue(count)
        return try await deliver(count, to: consumer)
    }

    /// Gives an entry another owner, idle time or delivery count, as others do while a worker is away.
    func claim(_ entry: EntryID, by consumer: String, idle: Int = 0, deliveries: Int? = nil) async throws {
        var words = ["XCLAIM", stream, KeySpace.group, consumer, "0", "\(entry)", "IDLE", "\(idle)"]
        if let deliveries { words += ["RETRYCOUNT", "\(deliveries)", "JUSTID"] }
        try await redis.ask(words)
    }

    /// - Returns: 1 settled, 0 fenced, -1 gone, in the order given.
    func settle(
        _ settlements: [(Delivered, Settlement.Verb)], by consumer: String, events: Bool = false
    ) async throws -> [Int64] {
        let batch = settlements.map { delivered, verb in
            Settlement(
                entry: delivered.entry, deliveries: delivered.deliveries, job: delivered.isJob ? delivered.job : nil,
                attempt: delivered.attempt, elapsed: .milliseconds(12), verb: verb)
        }
        return try await numbers(.settle(batch, scope: scope(consumer, events: events)))
    }

    /// - Returns: 1 extended, 0 lost, in the order given.
    func extend(_ entries: [Delivered], by consumer: String) async throws -> [Int64] {
        try await numbers(scope(consumer).call(Scripts.extend, entries.held))
    }

    /// - Returns: 1 handed back, 0 fenced, -1 gone, in the order given.
    func release(_ entries: [Delivered], by consumer: String) async throws -> [Int64] {
        try await settle(entries.map { ($0, .release(isUntouched: true)) }, by: consumer)
    }

    private func numbers(_ call: ScriptCall) async throws -> [Int64] {
        try await redis.run(call).array?.compactMap(\.int) ?? []
    }
}

extension [Delivered] {
    fileprivate var held: [(entry: EntryID, deliveries: Int)] { map { ($0.entry, $0.deliveries) } }
}
