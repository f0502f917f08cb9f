import JobRuntime
import Testing

extension Conformance {
    @Suite struct Cancelling {
        @Test(arguments: Ground.allCases)
        func aJobThatWaitsIsTakenAway(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try (0..<2).map { try bench.note($0, lane: .high) }
                try await bench.enqueue(jobs)
                #expect(try await bench.store.cancel(jobs[0].id) == .canceled)
                let record = try #require(try await bench.store.record(of: jobs[0].id))
                #expect(record.state == .canceled)
                #expect(record.settledAt != nil)
                #expect(try await bench.deliver(10, to: "a", lane: .high).map(\.job) == [jobs[1].id])
                #expect(try await bench.store.cancel(jobs[0].id) == .ended(state: "canceled"))
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobThatRunsIsNot(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let running = try await bench.delivered()
                #expect(try await bench.store.cancel(running[0].job) == .running)
                #expect(try await bench.settle(.done(result: ""), running) == [.settled])
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobThatWasHandedBackIsTakenAway(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let running = try await bench.delivered()
                _ = try await bench.settle(.release(isUntouched: true), running)
                #expect(try await bench.store.cancel(running[0].job) == .canceled)
                let reclaimed = try await bench.reclaim(by: "b")
                #expect(reclaimed.delivered.isEmpty)
                #expect(reclaimed.deleted.isEmpty)
            }
        }

        @Test(
            arguments: Ground.allCases, [Settlement.Verb.retry(in: .milliseconds(20)), .snooze(), .park()])
        func aJobThatWaitsForItsNextAttemptIsTakenAway(ground: Ground, verb: Settlement.Verb) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                _ = try await bench.settle(verb, job)
                #expect(try await bench.store.cancel(job[0].job) == .canceled)
                #expect(try await bench.store.record(of: job[0].job)?.startedAt == nil, "cancelling is no attempt")
                try await bench.pass(20)
                #expect(try await bench.promote(.retry) == Promotion(moved: 0, next: nil))
                #expect(try await bench.deliver(10, to: "a").isEmpty)
            }
        }

        @Test(arguments: Ground.allCases, [true, false])
        func aJobThatStartsLaterIsTakenAway(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let job = try bench.note(start: .after(.milliseconds(20)))
                try await bench.enqueue(job)
                #expect(try await bench.store.cancel(job.id) == .canceled)
                try await bench.pass(20)
                #expect(try await bench.promote(.scheduled) == Promotion(moved: 0, next: nil))
                #expect(try await bench.state(job.id) == .canceled)
            }
        }

        @Test(
            arguments: Ground.allCases,
            [
                (Settlement.Verb.done(result: ""), "done"), (.expired(error: "late"), "expired"),
                (.discarded(reason: .permanent, error: "x"), "discarded"), (.dead, "dead"),
                (.unknown, "unknown"),
            ])
        func aJobThatHasEndedIsNamedByItsEnd(ground: Ground, end: (verb: Settlement.Verb, state: String)) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                _ = try await bench.settle(end.verb, job)
                #expect(try await bench.store.cancel(job[0].job) == .ended(state: end.state))
            }
        }

        /// It may have had its effect: nobody is told that it had none.
        @Test(arguments: Ground.allCases)
        func aJobInDoubtIsNotTakenBackUntilTheDoubtIsSettled(ground: Ground) async throws {
            try await withStore(ground) { bench in
                var meta = JobMeta()
                meta.inDoubt = true
                var job = try await bench.delivered()
                let id = job[0].job
                _ = try await bench.settle(.delay(.init(.snoozed, wait: .zero, attempt: 1, text: "", meta: meta)), job)
                #expect(try await bench.store.cancel(id) == .running)
                try await bench.promote(.retry)
                #expect(try await bench.store.cancel(id) == .running)
                job = try await bench.deliver(1, to: "a")
                #expect(job.map(\.meta.inDoubt) == [true])
                _ = try await bench.settle(
                    .delay(.init(.snoozed, wait: .zero, attempt: 1, text: "", meta: JobMeta())), job)
                #expect(try await bench.store.cancel(id) == .canceled)
            }
        }

        @Test(arguments: Ground.allCases)
        func ofAJobThatNobodyKnowsThereIsNothingToTake(ground: Ground) async throws {
            try await withStore(ground, tracked: false) { bench in
                #expect(try await bench.store.cancel(JobID()) == .notFound)
                let untracked = try bench.note()
                try await bench.enqueue(untracked)
                #expect(try await bench.store.cancel(untracked.id) == .notFound)
                #expect(try await bench.deliver(10, to: "a").map(\.job) == [untracked.id])
            }
        }

        /// It was begun, and may have had its effect.
        @Test(arguments: Ground.allCases)
        func aJobThatWasHandedBackInTheMiddleOfItIsNot(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let begun = try await bench.delivered()
                _ = try await bench.settle(.release(isUntouched: false), begun)
                #expect(try await bench.store.cancel(begun[0].job) == .running)
                #expect(try await bench.reclaim(by: "b", cursors: nil).delivered.map(\.job) == [begun[0].job])
            }
        }
    }
}
