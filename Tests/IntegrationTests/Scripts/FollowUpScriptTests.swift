import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What `settle.lua` writes of the jobs that follow, beside what both stores answer.
@Suite struct FollowUpScriptTests {
    private let news = JobQueue("news")

    private func settle(
        _ bench: Bench, _ delivered: Delivered, _ verb: Settlement.Verb, _ followUps: [NewJob]
    ) async throws -> [SettlementCode] {
        let settlement = Settlement(
            delivered, deliveries: delivered.deliveries, elapsed: .zero, verb: verb, followUps: followUps)
        return try await bench.store.settle([settlement], of: bench.queue, lane: .normal, consumer: "a")
    }

    /// One in the same step is told of as one that was enqueued is, and its record has the same fields.
    @Test(arguments: [true, false], Lane.allCases)
    func itIsWrittenAsAnEnqueueWritesIt(events: Bool, lane: Lane) async throws {
        try await withBench(events: events) { bench in
            let jobs = try (0..<2).map { _ in try NewJob(Note(number: 7), queue: news, lane: lane) }
            let cause = try await bench.delivered(1, to: "a")[0]
            #expect(try await settle(bench, cause, .done, [jobs[0]]) == [.settled])
            _ = try await bench.client.enqueue(jobs[1])
            func written(_ job: NewJob) async throws -> [[String: String]] {
                let mine = try await bench.entries(bench.keys.events).filter { $0["id"] == "\(job.id)" }
                let entry = try await bench.entries(bench.keys.stream("news", lane)).filter { $0["id"] == "\(job.id)" }
                return ([try await bench.record(job.id)] + mine + entry).map { fields in
                    fields.filter { !["id", "at", "entry"].contains($0.key) }
                }
            }
            let (followed, enqueued) = (try await written(jobs[0]), try await written(jobs[1]))
            #expect(followed == enqueued)
            #expect(followed.count == (events ? 3 : 2))
            let types = events ? ["accepted", "succeeded", "accepted", "accepted"] : []
            #expect(try await bench.events() == types)
        }
    }

    @Test func itsQueueIsKnownFromThenOn() async throws {
        try await withBench { bench in
            let cause = try await bench.delivered(1, to: "a")[0]
            let quiet = JobQueue("quiet", isTracked: false)
            let jobs = try [news, quiet].map { try NewJob(Note(number: 1), queue: $0) }
            _ = try await settle(bench, cause, .done, jobs)
            #expect(
                try await bench.redis.hash(bench.keys.queues)
                    == ["work": "tracked", "news": "tracked", "quiet": "untracked"])
            #expect(try await !bench.redis.exists(bench.keys.record(jobs[1].id)))
        }
    }

    /// Settling frees memory: it must not be refused because a job follows to a queue that this process has not used yet.
    @Test func itFollowsWhenRedisIsFull() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            let cause = try await bench.delivered(1, to: "a")[0]
            let job = try NewJob(Note(number: 1), queue: news)
            try await bench.redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1")
            await #expect(throws: RedisError.self) { try await bench.redis.ask("SET", "more", "x") }
            #expect(try await settle(bench, cause, .done, [job]) == [.settled])
            #expect(try await bench.record(job.id)["state"] == "queued")
            #expect(try await bench.redis.hash(bench.keys.queues)["news"] == "tracked")
        }
    }
}
