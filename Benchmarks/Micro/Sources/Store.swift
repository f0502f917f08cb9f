import Benchmark
import Foundation
import Logging
import NIOCore
import Redis

@testable import JobRuntime

/// A JSON string of 250 bytes.
let payload = "\"" + String(repeating: "x", count: 248) + "\""

/// The calls of the store in a real Redis, 100 jobs each. The time is that of the whole call, Redis's part and the way
/// there included; CPU and instructions are this process's alone.
func registerStore() {
    for isTracked in [false, true] {
        for step in Line.Step.allCases {
            let name = "Store: \(step.rawValue) 100 jobs, \(isTracked ? "tracked" : "untracked")"
            Benchmark(name) { benchmark, line in
                try await line.run(benchmark, measuring: step)
            } setup: {
                try await Line(isTracked: isTracked)
            }
        }
    }
}

/// One queue, and all that a job goes through.
private struct Line {
    enum Step: String, CaseIterable { case enqueue, read, settle }

    /// Not all that was enqueued was read or settled: the figures would be those of something else.
    struct Shortfall: Error {}

    let queue: JobQueue
    let store: any Storage
    let client: JobClient
    let reader: any StreamReader

    private static let consumer = "micro"

    /// - Throws: where there is no Redis at `MICRO_REDIS_URL`.
    init(isTracked: Bool) async throws {
        let url = ProcessInfo.processInfo.environment["MICRO_REDIS_URL"] ?? ""
        let redis = RedisClient(
            try RedisConfiguration(url: url), logger: Logger(label: "micro", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        // Until the process ends.
        Task { await redis.run() }
        let jobs = JobStore.redis(redis)
        queue = JobQueue("micro-\(UUID())", isTracked: isTracked)
        store = jobs.storage
        client = JobClient(store: jobs)
        reader = try await store.makeReader(of: queue, consumer: Self.consumer)
    }

    func run(_ benchmark: Benchmark, measuring step: Step) async throws {
        let receipts = try await measured(step == .enqueue, benchmark) { await enqueue() }
        let delivered = try await measured(step == .read, benchmark) {
            try await reader.read([LaneRead(.normal, 100)])
        }
        let codes = try await measured(step == .settle, benchmark) { try await settle(delivered) }
        for receipt in receipts { _ = try receipt.get() }
        guard codes.count == 100, codes.allSatisfy({ $0 == .settled }) else { throw Shortfall() }
    }

    private func measured<Answer>(
        _ isMeasured: Bool, _ benchmark: Benchmark, _ body: () async throws -> Answer
    ) async throws -> Answer {
        if isMeasured { try await benchmark.measure(body) } else { try await body() }
    }

    private func enqueue() async -> [Result<Receipt, EnqueueError>] {
        let payload = ByteBuffer(string: payload)
        return await client.enqueue((0..<100).map { _ in NewJob(queue: queue, kind: "noop", payload: payload) })
    }

    private func settle(_ delivered: [Delivered]) async throws -> [SettlementCode] {
        let batch = delivered.map {
            Settlement($0, deliveries: $0.deliveries, elapsed: .milliseconds(1), verb: .done(result: ""))
        }
        return try await store.settle(batch, of: queue, lane: .normal, consumer: Self.consumer)
    }
}
