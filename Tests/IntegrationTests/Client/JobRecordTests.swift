import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What `JobClient.record` tells in each state of a job.
@Suite struct JobRecordTests {
    private func state(_ bench: Bench, _ id: JobID) async throws -> JobRecord.State? {
        try await bench.client.record(of: id)?.state
    }

    @Test func ofAJobThatNeverWasThereIsNothing() async throws {
        try await withBench { bench in
            let record = try await bench.client.record(of: JobID())
            #expect(record == nil)
        }
    }

    @Test(arguments: [true, false])
    func aJobIsQueuedUntilItIsDeliveredAndThenRunning(events: Bool) async throws {
        try await withBench(events: events) { bench in
            let id = try await bench.enqueue(1)[0]
            let record = try #require(try await bench.client.record(of: id))
            #expect(record.state == .queued, "there is no group yet")
            #expect(record.queue == "work")
            #expect(record.kind == "note")
            #expect(record.attempt == 1)
            #expect(record.payload == ByteBuffer(string: "{\"number\":0}"))
            try await bench.makeGroups()
            #expect(try await state(bench, id) == .queued)
            let job = try await bench.deliver(1, to: "a")[0]
            try await bench.claim(job.entry, by: "b", idle: 90_000)
            guard case .running("b", let idle, 2) = try await state(bench, id) else {
                Issue.record("not running as it should: \(String(describing: try await state(bench, id)))")
                return
            }
            #expect((90_000..<1_000_000).contains(idle))
        }
    }

    @Test func aJobThatWaitsForItsNextAttemptTellsWhenItIsDue() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            let before = try await bench.redis.now()
            let verb = (job, Settlement.Verb.retry(after: .seconds(100)))
            #expect(try await bench.settle([verb], by: "a") == [.settled])
            let record = try #require(try await bench.client.record(of: job.job))
            guard case .retrying(let due) = record.state else {
                Issue.record("not retrying: \(record.state)")
                return
            }
            #expect(try await (before + 100_000...bench.redis.now() + 100_000).contains(due))
            #expect(record.attempt == 2)
            #expect(record.error == "busy")
            #expect(record.consumer == "a")
            #expect(record.deliveries == 1)
            #expect(record.settledAt.map { $0 - (record.startedAt ?? 0) } == 12)
        }
    }

    @Test(arguments: ["{\"sid\":\"SM1\"}", nil])
    func aJobThatSucceededHasItsResult(result: String?) async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            #expect(try await bench.settle([(job, .done(result: result ?? ""))], by: "a") == [.settled])
            #expect(try await state(bench, job.job) == .succeeded(result: result))
        }
    }

    @Test func aDeadJobTellsWhyAndAnUnknownOneIsUnknown() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(2, to: "a")
            let answers = try await bench.settle(
                [
                    (jobs[0], .dead(state: .dead, reason: .permanent, error: "no such number")),
                    (jobs[1], .dead(state: .unknown, reason: .unknown, error: "cut off")),
                ], by: "a")
            #expect(answers == [.settled, .settled])
            let dead = try #require(try await bench.client.record(of: jobs[0].job))
            #expect(dead.state == .dead(reason: .permanent))
            #expect(dead.error == "no such number")
            #expect(try await state(bench, jobs[1].job) == .unknown)
        }
    }

    @Test func aWorkerTakesAJobThroughItsStates() async throws {
        try await withBench { bench in
            let (runs, gate) = (Runs(), Gate())
            let id = try await bench.enqueue(1)[0]
            let handlers = JobHandlers.notes(
                runs, policy: RetryPolicy(backoff: .schedule([.milliseconds(10)]), maximumAttempts: 2)
            ) { _, attempt in
                if attempt.number == 1 { return .retry(error: "busy") }
                try await gate.pass()
                return .succeeded(result: "42")
            }
            let worker = bench.worker(handlers)
            try await running(worker) {
                try await eventually("the second attempt runs") { gate.arrived == 1 }
                let record = try #require(try await bench.client.record(of: id))
                guard case .running(worker.consumer, _, 1) = record.state else {
                    Issue.record("not running: \(record.state)")
                    return
                }
                #expect(record.attempt == 2)
                gate.open()
                try await eventually("it has succeeded") { try await state(bench, id) == .succeeded(result: "42") }
            }
        }
    }
}
