import JobRuntime
import Testing

extension Conformance {
    /// A whole worker on either store: how attempts end, and what follows.
    @Suite struct WorkerOutcomes {
        private struct Broken: Error, CustomStringConvertible { let description = "the wire is down" }

        private let quick = RetryPolicy(backoff: .schedule([.milliseconds(20)]), maximumAttempts: 3)

        /// Runs a worker until a job has ended.
        private func run(
            _ worker: Worker, on bench: StoreBench, until id: JobID, ends end: JobRecord.State = .succeeded(result: nil)
        ) async throws {
            try await running(worker) {
                try await bench.comesTrue("it ends") { try await bench.state(id) == end }
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobIsTriedAgainAndSucceeds(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, job) = (Runs(), try bench.note())
                try await bench.enqueue(job)
                let worker = bench.worker(
                    .notes(runs, policy: quick) { attempt in
                        if attempt.number == 2 { throw Broken() }
                        return attempt.number < 3 ? .retry(error: "busy") : .succeeded(result: "1")
                    })
                try await run(worker, on: bench, until: job.id, ends: .succeeded(result: "1"))
                #expect(runs.numbers == [1, 2, 3])
                #expect(runs.deliveries == [1, 1, 1])
                #expect(try await bench.store.record(of: job.id)?.error == "the wire is down")
                #expect((worker.counts.failed, worker.counts.done) == (2, 1))
            }
        }

        @Test(arguments: Ground.allCases)
        func theLastAttemptIsFollowedByADeadLetter(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, job) = (Runs(), try bench.note())
                try await bench.enqueue(job)
                let worker = bench.worker(.notes(runs, policy: quick) { _ in .retry(error: "busy") })
                try await run(worker, on: bench, until: job.id, ends: .dead(reason: .exhausted))
                #expect(runs.numbers == [1, 2, 3])
                let letter = try #require(try await bench.letters().first)
                #expect((letter.job, letter.attempt) == (job.id, 3))
                #expect(letter.error.contains("busy"))
            }
        }

        @Test(arguments: Ground.allCases)
        func aSnoozeSpendsNoAttempt(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, job) = (Runs(), try bench.note())
                try await bench.enqueue(job)
                let worker = bench.worker(
                    .notes(runs) { attempt in
                        attempt.meta.snoozes < 2 ? .snooze(for: .milliseconds(20), reason: "not yet") : .succeeded()
                    })
                try await run(worker, on: bench, until: job.id)
                #expect(runs.numbers == [1, 1, 1])
                #expect(worker.counts.snoozed == 2)
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobThatKillsItsWorkersIsTakenOut(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let twice = try await begun(2, on: bench)
                let thrice = try await begun(3, on: bench)
                _ = try await bench.settle(.release(isUntouched: false), [twice, thrice], by: "dead")
                let runs = Runs()
                let worker = bench.worker(.notes(runs)) { $0.maximumDeliveries = 3 }
                try await run(worker, on: bench, until: thrice.job, ends: .dead(reason: .crashLoop))
                #expect(try await bench.state(twice.job) == .succeeded(result: nil), "its last chance")
                #expect(runs.all.map(\.job) == [twice.job])
                #expect(runs.deliveries == [3])
            }
        }

        /// Delivers a job so many times without a settlement.
        private func begun(_ times: Int, on bench: StoreBench) async throws -> Delivered {
            var held = try await bench.delivered(to: "dead")
            for _ in 1..<times {
                _ = try await bench.settle(.release(isUntouched: false), held, by: "dead")
                held = try await bench.reclaim(by: "dead", cursors: nil).delivered
            }
            return try #require(held.first)
        }

        @Test(arguments: Ground.allCases)
        func whatADeadWorkerHeldIsTakenOver(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, job) = (Runs(), try await bench.delivered(to: "dead")[0].job)
                let worker = bench.worker(.notes(runs)) { $0.lease = .milliseconds(500) }
                try await run(worker, on: bench, until: job)
                #expect(runs.deliveries.first == 2)
                #expect(runs.numbers.first == 1)
            }
        }

        @Test(arguments: Ground.allCases)
        func whatHasExpiredIsNotRun(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let runs = Runs()
                var job = try bench.note()
                job.meta.expiresAt = try await bench.now()
                try await bench.enqueue(job)
                try await run(bench.worker(.notes(runs)), on: bench, until: job.id, ends: .expired)
                #expect(runs.all.isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func aKindThatNobodyKnowsIsParked(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try bench.note()
                try await bench.enqueue(job)
                try await running(bench.worker(JobHandlers())) {
                    try await bench.comesTrue("it is parked") {
                        if case .parked = try await bench.state(job.id) { true } else { false }
                    }
                }
                #expect(try await bench.store.record(of: job.id)?.attempt == 1)
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobIsRunWhenItsTimeHasCome(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, job) = (Runs(), try bench.note(start: .after(.milliseconds(50))))
                let reply = try await bench.enqueue([job])
                try await run(bench.worker(.notes(runs)), on: bench, until: job.id)
                let ended = try #require(try await bench.store.record(of: job.id)?.settledAt)
                #expect(ended >= reply.at + 50)
            }
        }
    }
}
