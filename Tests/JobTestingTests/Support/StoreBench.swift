import JobRuntime
import JobTesting
import NIOCore
import TestSupport
import Testing

/// Where the jobs of a test are kept. Every test of a suite over both must hold in both.
enum Ground: String, Sendable, CaseIterable { case redis, memory }

/// A queue under keys of its own in one of the stores, and short ways to put it into a state and to look at it.
struct StoreBench: Sendable {
    let store: any Storage
    let queue: JobQueue
    /// The time of the store in memory; nil: it is Redis's.
    let clock: ManualClock?

    func now() async throws -> Int64 { try await store.now() }

    /// Lets so much of the store's time pass; of real time at least as much, where it is Redis's.
    func pass(_ milliseconds: Int64) async throws {
        if let clock { return await clock.advance(by: .milliseconds(milliseconds)) }
        let end = try await now() + milliseconds
        // A key of Redis goes when its time is over, not when it has come.
        try await eventually("Redis's time has come") { try await now() > end }
    }

    /// Does something that ends only as time goes on.
    func asTimePasses<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let clock else { return try await body() }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !Task.isCancelled {
                    await clock.advance(by: .milliseconds(10))
                    try? await Task.sleep(for: .milliseconds(1))  // allowed: the pace at which the clock is moved
                }
                return nil
            }
            defer { group.cancelAll() }
            let result = try await group.next() ?? nil
            return try #require(result)
        }
    }

    /// Waits until something is so, while time goes on.
    func comesTrue(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: () async throws -> Bool
    ) async throws {
        try await eventually(what, sourceLocation: sourceLocation) {
            await clock?.advance(by: .milliseconds(20))
            return try await condition()
        }
    }

    func note(
        _ number: Int = 0, lane: Lane = .normal, start: NewJob.Start = .now, unique: NewJob.Unique? = nil
    ) throws -> NewJob {
        try NewJob(Note(number: number), queue: queue, lane: lane, start: start, unique: unique)
    }

    /// A job of a request with an idempotency key.
    func request(
        _ key: String, fingerprint: String = "f", life: Duration = .seconds(86_400), start: NewJob.Start = .now
    ) throws -> NewJob {
        var job = try note(start: start)
        job.idempotency = .init(key: key, fingerprint: fingerprint, life: life)
        return job
    }

    @discardableResult
    func enqueue(_ jobs: [NewJob], limits: QueueLimits = .none) async throws -> EnqueueReply {
        try await store.enqueue(jobs[...], to: queue, lane: jobs.first?.meta.lane ?? .normal, limits: limits)
    }

    /// Enqueues one job.
    ///
    /// - Returns: what kept it out.
    @discardableResult
    func enqueue(_ job: NewJob, limits: QueueLimits = .none) async throws -> EnqueueReply.Exception? {
        try await enqueue([job], limits: limits).exceptions[0]
    }

    /// Delivers what is there of one lane to a consumer, as its reader would.
    func deliver(_ count: Int, to consumer: String, lane: Lane = .normal) async throws -> [Delivered] {
        try await withReader(consumer) { try await $0.read([LaneRead(lane, count)]) }
    }

    /// Enqueues notes and delivers them.
    func delivered(_ count: Int = 1, to consumer: String = "a", lane: Lane = .normal) async throws -> [Delivered] {
        try await enqueue((0..<count).map { try note($0, lane: lane) })
        let delivered = try await deliver(count, to: consumer, lane: lane)
        try #require(delivered.count == count)
        return delivered
    }

    func withReader<Result: Sendable>(
        _ consumer: String, _ body: (any StreamReader) async throws -> Result
    ) async throws -> Result {
        let reader = try await store.makeReader(of: queue, consumer: consumer)
        do {
            let result = try await body(reader)
            await reader.close()
            return result
        } catch {
            await reader.close()
            throw error
        }
    }

    /// Takes over what others hold, however short a time ago they had it.
    ///
    /// - Parameter cursors: nil: only what was handed back.
    func reclaim(
        _ most: Int = 100, by consumer: String, lease: Duration = .zero, cursors: [Lane: String]? = [:]
    ) async throws -> Reclaimed {
        try await store.reclaim(Claim(most: most, lease: lease, cursors: cursors), of: queue, consumer: consumer)
    }

    /// Settles deliveries of one lane, each in its own way and with what follows it.
    func settle(
        _ settlements: [(Delivered, Settlement.Verb, [NewJob])], by consumer: String = "a"
    ) async throws -> [SettlementCode] {
        let batch = settlements.map { delivered, verb, followUps in
            Settlement(
                delivered, deliveries: delivered.deliveries, elapsed: .milliseconds(12), verb: verb,
                followUps: followUps)
        }
        let lane = try #require(settlements.first?.0.entry.lane)
        return try await store.settle(batch, of: queue, lane: lane, consumer: consumer)
    }

    /// Another queue of the same store.
    func beside(_ queue: JobQueue) -> StoreBench { StoreBench(store: store, queue: queue, clock: clock) }

    func settle(
        _ verb: Settlement.Verb, _ delivered: [Delivered], by consumer: String = "a"
    ) async throws -> [SettlementCode] {
        try await settle(delivered.map { ($0, verb, []) }, by: consumer)
    }

    func extend(_ delivered: [Delivered], by consumer: String) async throws -> [Bool] {
        let held = delivered.map { Held(entry: $0.entry, deliveries: $0.deliveries) }
        return try await store.extend(held, of: queue, lane: .normal, consumer: consumer)
    }

    func state(_ id: JobID) async throws -> JobRecord.State? { try await store.record(of: id)?.state }

    func letters() async throws -> [DeadLetter] {
        try await store.deadLetters(of: queue.name, after: nil, limit: 1000)
    }

    @discardableResult
    func promote(_ set: DelayedSet, most: Int = 100, mark: Int = 1000) async throws -> Promotion {
        try await store.promote(set, of: queue, most: most, mark: mark)
    }
}

/// Runs a body beside a queue of its own.
///
/// - Parameter recordTTL: how long records stand after the end of their jobs.
func withStore(
    _ ground: Ground, tracked: Bool = true, recordTTL: Duration = .seconds(3600),
    _ body: (StoreBench) async throws -> Void
) async throws {
    let queue = JobQueue("work", isTracked: tracked)
    switch ground {
    case .memory:
        let clock = ManualClock()
        let store = JobStore.inMemory(clock: clock, recordTTL: recordTTL).storage
        try await body(StoreBench(store: store, queue: queue, clock: clock))
    case .redis:
        try await withClient(PrivateRedis.shared().configuration) { redis in
            var options = RedisStoreOptions()
            options.recordTTL = recordTTL
            let store = JobStore.redis(redis, keys: freshKeys(), options: options).storage
            try await body(StoreBench(store: store, queue: queue, clock: nil))
        }
    }
}

extension Settlement.Verb {
    static func retry(in wait: Duration = .zero, attempt: Int = 2) -> Settlement.Verb {
        .delay(.init(.retrying, wait: wait, attempt: attempt, text: "busy"))
    }

    static func snooze(for wait: Duration = .zero, meta: JobMeta? = nil) -> Settlement.Verb {
        .delay(.init(.snoozed, wait: wait, attempt: 1, text: "not yet", meta: meta))
    }

    static func park(for wait: Duration = .zero) -> Settlement.Verb {
        .delay(.init(.parked, wait: wait, attempt: 1, text: "no handler"))
    }

    static let dead = Settlement.Verb.dead(state: .dead, reason: .permanent, error: "no such number")
    static let unknown = Settlement.Verb.dead(state: .unknown, reason: .unknown, error: "cut off")
}
