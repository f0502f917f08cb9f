import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    /// How attempts end, and what follows.
    @Suite struct OutcomeTests {
        private struct Broken: Error, CustomStringConvertible { let description = "the wire is down" }

        private let quick = RetryPolicy(backoff: .schedule([.milliseconds(20)]), maximumAttempts: 3)

        @Test(arguments: [true, false])
        func aRetryIsTheNextAttemptAndThenItSucceeds(tracked: Bool) async throws {
            try await withBench(tracked: tracked) { bench in
                let runs = Runs()
                try await bench.enqueue(5)
                let handlers = JobHandlers.notes(runs, policy: quick) { _, attempt in
                    attempt.number == 1 ? .retry(error: "busy") : .succeeded()
                }
                let worker = bench.worker(handlers)
                try await running(worker) {
                    try await eventually("all have succeeded") {
                        let isEmpty = try await bench.isEmpty()
                        return isEmpty && runs.total == 10
                    }
                }
                for number in 0..<5 {
                    #expect(runs[number].map(\.attempt) == [1, 2])
                    #expect(runs[number].map(\.deliveries) == [1, 1])
                }
                #expect(worker.counts.failed == 5)
                #expect(worker.counts.done == 5)
            }
        }

        @Test func whatIsThrownIsARetryAndTheErrorIsKept() async throws {
            try await withBench { bench in
                let id = try await bench.enqueue(1)[0]
                let patient = RetryPolicy(backoff: .schedule([.seconds(3600)]), maximumAttempts: 2)
                try await running(bench.worker(.notes(Runs(), policy: patient) { _, _ in throw Broken() })) {
                    try await eventually("it waits") { try await bench.retryCount() == 1 }
                }
                let record = try #require(try await bench.client.record(of: id))
                #expect(record.error == "the wire is down")
                #expect(record.attempt == 2)
            }
        }

        /// Else it would be handed back, and taken, and handed back, for ever.
        @Test func aCancellationThatNobodyAskedForIsARetry() async throws {
            try await withBench { bench in
                let runs = Runs()
                try await bench.enqueue(1)
                let handlers = JobHandlers.notes(runs) { _, attempt in
                    if attempt.number == 1 { throw CancellationError() }
                    return .succeeded()
                }
                try await running(bench.worker(handlers)) {
                    try await eventually("it is done") { try await bench.isEmpty() }
                }
                #expect(runs[0].map(\.attempt) == [1, 2])
            }
        }

        @Test func theLastAttemptIsFollowedByADeadLetterWithTheWholeJob() async throws {
            try await withBench { bench in
                let (runs, id) = (Runs(), try await bench.enqueue(1, from: 7)[0])
                try await running(bench.worker(.notes(runs, policy: quick) { _, _ in .retry(error: "busy") })) {
                    try await eventually("it is dead") { try await bench.deadCount() == 1 }
                }
                #expect(runs[7].map(\.attempt) == [1, 2, 3])
                #expect(try await bench.isEmpty())
                let letter = try #require(try await bench.entries(bench.keys.dead("work")).first)
                #expect(letter["id"] == "\(id)")
                #expect(letter["kind"] == "note")
                #expect(letter["payload"] == "{\"number\":7}")
                #expect(letter["attempt"] == "3")
                #expect(letter["reason"] == "exhausted")
                #expect(letter["error"]?.contains("busy") == true)
            }
        }

        @Test func aPayloadThatCannotBeDecodedIsADeadLetter() async throws {
            try await withBench { bench in
                let job = NewJob(queue: bench.queue, kind: Note.kind, payload: .init(string: "{\"number\":\"many\"}"))
                _ = try await bench.client.enqueue(job)
                let runs = Runs()
                try await running(bench.worker(.notes(runs))) {
                    try await eventually("it is dead") { try await bench.deadCount() == 1 }
                }
                #expect(runs.total == 0)
                #expect(try await bench.entries(bench.keys.dead("work")).first?["reason"] == "undecodable")
                #expect(try await bench.client.record(of: job.id)?.state == .dead(reason: .undecodable))
            }
        }

        @Test func whatSomebodyElseWroteIsADeadLetterAndTheOthersAreRun() async throws {
            try await withBench { bench in
                let runs = Runs()
                try await bench.redis.ask("XADD", bench.stream, "*", "hello", "world")
                try await bench.enqueue(3)
                try await running(bench.worker(.notes(runs))) {
                    try await eventually("all is worked off") { try await bench.isEmpty() }
                }
                #expect(runs.total == 3)
                #expect(try await bench.entries(bench.keys.dead("work")).first?["hello"] == "world")
            }
        }

        @Test func anUnknownKindIsPutOffAndSpendsNoAttempt() async throws {
            try await withBench { bench in
                let id = try await bench.enqueue(1)[0]
                let before = try await bench.redis.now()
                try await running(bench.worker(JobHandlers())) {
                    try await eventually("it waits") { try await bench.retryCount() == 1 }
                }
                let record = try #require(try await bench.client.record(of: id))
                guard case .parked(let due) = record.state else {
                    Issue.record("not parked: \(record.state)")
                    return
                }
                #expect(due > before)
                #expect(record.attempt == 1)
                #expect(try await bench.record(id)["reason"] == "no handler for kind note")

                // The deploy that brings the handler.
                try await bench.redis.ask("ZADD", bench.keys.retry("work"), "\(before)", "\(id)")
                let runs = Runs()
                try await running(bench.worker(.notes(runs))) {
                    try await eventually("it is run") { try await bench.isEmpty() && runs.total == 1 }
                }
                #expect(runs[0].map(\.attempt) == [1])
            }
        }

        @Test func aJobThatKeepsKillingItsWorkersIsTakenOutOfTheQueue() async throws {
            try await withBench { bench in
                let jobs = try await bench.delivered(2, to: "dead-worker")
                try await bench.claim(jobs[0].entry, by: "dead-worker", idle: 60_000, deliveries: 2)
                try await bench.claim(jobs[1].entry, by: "dead-worker", idle: 60_000, deliveries: 3)
                let runs = Runs()
                let worker = bench.worker(.notes(runs)) { $0.maximumDeliveries = 3 }
                try await running(worker) {
                    try await eventually("both have ended") { try await bench.isEmpty() }
                }
                #expect(runs[0].map(\.deliveries) == [3], "the last chance")
                #expect(runs[1] == [])
                let letters = try await bench.entries(bench.keys.dead("work"))
                #expect(letters.map { $0["reason"] } == ["crash_loop"])
                #expect(letters.first?["id"] == "\(jobs[1].job)")
            }
        }

        /// More than a page of jobs whose records somebody deleted.
        @Test func jobsOfWhichNothingIsLeftDoNotHoldUpThoseBehind() async throws {
            try await withBench { bench in
                let set = bench.keys.retry("work")
                for _ in 0..<250 { try await bench.redis.ask("ZADD", set, "1000", "\(JobID())") }
                let (runs, id) = (Runs(), try await bench.enqueue(1)[0])
                let handlers = JobHandlers.notes(runs, policy: quick) { _, attempt in
                    attempt.number == 1 ? .retry(error: "busy") : .succeeded()
                }
                try await running(bench.worker(handlers)) {
                    try await eventually("it is run again") { runs[0].count == 2 }
                }
                #expect(try await bench.redis.ask("ZSCORE", set, "\(id)") == .null)
                #expect(try await bench.deadCount() == 250)
            }
        }
    }
}
