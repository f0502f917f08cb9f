import Logging
import Metrics
import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

// The store, called as the runtime calls it but one call at a time, by a consumer of any name.
extension Bench {
    func scope(_ consumer: String, change: (inout WorkerOptions) -> Void = { _ in }) -> QueueScope {
        var options = WorkerOptions()
        change(&options)
        return QueueScope(
            queue: queue, consumer: consumer, store: store, options: options, inFlight: InFlight(slots: 10_000),
            counters: WorkerCounters(), metrics: QueueMetrics(queue: queue.name, factory: MetricsSystem.factory),
            storeClock: StoreClock(options.clock), activity: QueueActivity(options.clock), logger: .quiet)
    }

    /// Notes on their way into the queue, numbered from 0.
    func notes(
        _ count: Int, from first: Int = 0, lane: Lane = .normal, start: NewJob.Start = .now, expiresAt: Int64? = nil
    ) throws -> [NewJob] {
        try (first..<first + count).map {
            try NewJob(Note(number: $0), queue: queue, lane: lane, start: start, expiresAt: expiresAt)
        }
    }

    /// Enqueues so many notes, numbered from 0.
    @discardableResult
    func enqueue(
        _ count: Int, from first: Int = 0, lane: Lane = .normal, start: NewJob.Start = .now
    ) async throws -> [JobID] {
        let jobs = try notes(count, from: first, lane: lane, start: start)
        return try await client.enqueue(jobs).map { try $0.get().id }
    }

    /// Makes the groups of all lanes.
    func makeGroups() async throws {
        try await store.open(queue)
    }

    /// Delivers new entries of a lane to a consumer.
    func deliver(_ count: Int, to consumer: String, lane: Lane = .normal) async throws -> [Delivered] {
        let reader = try await store.makeReader(of: queue, consumer: consumer)
        let delivered = try await reader.read([LaneRead(lane, count)])
        await reader.close()
        try #require(delivered.count == count, "so many are there to be delivered")
        return delivered
    }

    /// Enqueues notes and delivers them.
    func delivered(_ count: Int, to consumer: String, lane: Lane = .normal) async throws -> [Delivered] {
        try await enqueue(count, lane: lane)
        return try await deliver(count, to: consumer, lane: lane)
    }

    /// Gives an entry another owner, idle time or delivery count, as others do while a worker is away.
    func claim(_ entry: Entry, by consumer: String, idle: Int = 0, deliveries: Int? = nil) async throws {
        var words = ["XCLAIM", stream(entry.lane), KeySpace.group, consumer, "0", "\(entry.id)", "IDLE", "\(idle)"]
        if let deliveries { words += ["RETRYCOUNT", "\(deliveries)", "JUSTID"] }
        try await redis.ask(words)
    }

    /// Settles deliveries, which took 12 ms each; all of one lane.
    func settle(
        _ settlements: [(Delivered, Settlement.Verb)], by consumer: String
    ) async throws -> [SettlementCode] {
        let batch = settlements.map { delivered, verb in
            Settlement(delivered, deliveries: delivered.deliveries, elapsed: .milliseconds(12), verb: verb)
        }
        let lane = try #require(settlements.first?.0.entry.lane)
        return try await store.settle(batch, of: queue, lane: lane, consumer: consumer)
    }

    /// - Returns: whether each is held still.
    func extend(_ entries: [Delivered], by consumer: String) async throws -> [Bool] {
        let held = entries.map { Held(entry: $0.entry, deliveries: $0.deliveries) }
        let lane = try #require(entries.first?.entry.lane)
        return try await store.extend(held, of: queue, lane: lane, consumer: consumer)
    }

    func release(_ entries: [Delivered], by consumer: String) async throws -> [SettlementCode] {
        try await settle(entries.map { ($0, .release(isUntouched: true)) }, by: consumer)
    }

    func reclaim(_ most: Int, by consumer: String, lease: Duration = .zero) async throws -> Reclaimed {
        try await store.reclaim(Claim(most: most, lease: lease, cursors: [:]), of: queue, consumer: consumer)
    }

    @discardableResult
    func promote(_ set: DelayedSet = .retry, most: Int = 200, mark: Int = 1000) async throws -> Promotion {
        try await store.promote(set, of: queue, most: most, mark: mark)
    }

    /// Makes delayed jobs due so many milliseconds from now, by Redis's clock.
    func makeDue(_ ids: [JobID], in set: DelayedSet = .retry, after milliseconds: Int64 = -1) async throws {
        let due = try await redis.now() + milliseconds
        for id in ids { try await redis.ask("ZADD", keys.delayed(queue.name, set), "XX", "\(due)", "\(id)") }
    }
}

extension Settlement.Verb {
    /// A failed attempt that is followed by the second.
    static func retry(after wait: Duration, attempt: Int = 2, error: String = "busy") -> Settlement.Verb {
        .delay(.init(.retrying, wait: wait, attempt: attempt, text: error))
    }

    static func snooze(for wait: Duration, meta: JobMeta? = nil) -> Settlement.Verb {
        .delay(.init(.snoozed, wait: wait, attempt: 1, text: "paused", meta: meta))
    }

    static func park(for wait: Duration) -> Settlement.Verb {
        .delay(.init(.parked, wait: wait, attempt: 1, text: "no handler for kind note"))
    }

    static func dead(_ error: String = "no such number") -> Settlement.Verb {
        .dead(state: .dead, reason: .permanent, error: error)
    }

    static let unknown = Settlement.Verb.dead(state: .unknown, reason: .unknown, error: "cut off")
    static let done = Settlement.Verb.done(result: "")
}
