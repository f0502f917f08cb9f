import JobRuntime
import Testing

extension Conformance {
    /// What keeps a second job out.
    @Suite struct Uniqueness {
        private func unique(
            _ scope: NewJob.Unique.Scope, key: String = "k", ms: Int64 = 3_600_000
        ) -> NewJob.Unique {
            NewJob.Unique(key, for: .milliseconds(ms), scope: scope)
        }

        @Test(arguments: Ground.allCases, [true, false])
        func aKeyHoldsForItsTimeWhateverBecameOfTheJob(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let first = try bench.note(unique: unique(.time, ms: 100))
                let second = try bench.note(unique: unique(.time, ms: 100))
                #expect(try await bench.enqueue([first, second]).exceptions == [1: .duplicate(first.id)])
                #expect(try await bench.state(second.id) == nil)
                #expect(try await bench.enqueue(bench.note(unique: unique(.time, key: "other"))) == nil)
                try await bench.pass(100)
                #expect(try await bench.enqueue(second) == nil)
            }
        }

        @Test(arguments: Ground.allCases)
        func aKeyOfTimeOutlivesItsJob(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let first = try bench.note(unique: unique(.time))
                try await bench.enqueue(first)
                _ = try await bench.settle(.done(result: ""), bench.deliver(1, to: "a"))
                #expect(try await bench.enqueue(bench.note(unique: unique(.time))) == .duplicate(first.id))
            }
        }

        @Test(arguments: Ground.allCases)
        func aKeyIsOneOfItsQueue(ground: Ground) async throws {
            try await withStore(ground) { bench in
                try await bench.enqueue(bench.note(unique: unique(.time)))
                let other = JobQueue("other")
                let job = try NewJob(Note(number: 1), queue: other, unique: unique(.time))
                let reply = try await bench.store.enqueue([job], to: other, lane: .normal, limits: .none)
                #expect(reply.exceptions.isEmpty)
            }
        }

        enum Unfinished: CaseIterable, Sendable { case queued, scheduled, running, retrying, snoozed, parked, unknown }

        @Test(arguments: Ground.allCases, Unfinished.allCases)
        func aKeyOfAnUnfinishedJobHolds(ground: Ground, state: Unfinished) async throws {
            try await withStore(ground) { bench in
                let start: NewJob.Start = state == .scheduled ? .after(.seconds(60)) : .now
                let first = try bench.note(start: start, unique: unique(.unfinished))
                try await bench.enqueue(first)
                if state != .queued, state != .scheduled {
                    let delivered = try await bench.deliver(1, to: "a")
                    switch state {
                    case .retrying: _ = try await bench.settle(.retry(in: .seconds(9)), delivered)
                    case .snoozed: _ = try await bench.settle(.snooze(for: .seconds(9)), delivered)
                    case .parked: _ = try await bench.settle(.park(for: .seconds(9)), delivered)
                    case .unknown: _ = try await bench.settle(.unknown, delivered)
                    case .queued, .scheduled, .running: break
                    }
                }
                #expect(try await bench.enqueue(bench.note(unique: unique(.unfinished))) == .duplicate(first.id))
            }
        }

        enum Finished: CaseIterable, Sendable { case done, expired, dead, canceled }

        @Test(arguments: Ground.allCases, Finished.allCases)
        func aKeyOfAFinishedJobIsFree(ground: Ground, state: Finished) async throws {
            try await withStore(ground) { bench in
                let first = try bench.note(unique: unique(.unfinished))
                try await bench.enqueue(first)
                switch state {
                case .canceled: #expect(try await bench.store.cancel(first.id) == .canceled)
                case .done: _ = try await bench.settle(.done(result: ""), bench.deliver(1, to: "a"))
                case .expired: _ = try await bench.settle(.expired(error: "late"), bench.deliver(1, to: "a"))
                case .dead: _ = try await bench.settle(.dead, bench.deliver(1, to: "a"))
                }
                let second = try bench.note(unique: unique(.unfinished))
                #expect(try await bench.enqueue(second) == nil)
                #expect(try await bench.enqueue(bench.note(unique: unique(.unfinished))) == .duplicate(second.id))
            }
        }

        @Test(arguments: Ground.allCases)
        func aKeyOfAnUnfinishedJobHoldsNoLongerThanItsTime(ground: Ground) async throws {
            try await withStore(ground) { bench in
                try await bench.enqueue(bench.note(unique: unique(.unfinished, ms: 50)))
                try await bench.pass(50)
                #expect(try await bench.enqueue(bench.note(unique: unique(.unfinished, ms: 50))) == nil)
            }
        }

        @Test(arguments: Ground.allCases)
        func aSecondJobIsADuplicateHoweverFullTheQueueIs(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let first = try bench.note(unique: unique(.unfinished))
                try await bench.enqueue(first)
                let full = QueueLimits(maximumDepth: 1)
                let second = try bench.note(unique: unique(.unfinished))
                #expect(try await bench.enqueue(second, limits: full) == .duplicate(first.id))
            }
        }

        @Test(arguments: Ground.allCases)
        func aTickIsEnqueuedOnceAndNoneBeforeIt(ground: Ground) async throws {
            try await withStore(ground) { bench in
                func tick(_ schedule: String, _ moment: Int64) async throws -> Bool {
                    var job = try bench.note()
                    job.tick = NewJob.Tick(schedule: schedule, at: moment)
                    let answer = try await bench.enqueue(job)
                    #expect(answer == nil || answer == .duplicate(job.id))
                    return answer == nil
                }
                let first = try await bench.store.lastTick(of: "daily", first: 1000)
                #expect(first == 1000)
                #expect(try await tick("daily", 1000) == false, "it was handled before")
                #expect(try await tick("daily", 2000))
                #expect(try await tick("daily", 2000) == false)
                #expect(try await tick("daily", 1500) == false)
                #expect(try await bench.store.lastTick(of: "daily", first: 9000) == 2000)
                #expect(try await tick("hourly", 1500), "a schedule of its own")
                #expect(try await bench.deliver(10, to: "a").count == 2)
            }
        }

        /// Until somebody has decided what to do about it, it may have had its effect.
        @Test(arguments: Ground.allCases)
        func theKeyOfAJobOfWhichNobodyKnowsIsFreeOnceItsLetterIsDropped(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let first = try bench.note(unique: unique(.unfinished))
                try await bench.enqueue(first)
                _ = try await bench.settle(.unknown, bench.deliver(1, to: "a"))
                #expect(try await bench.enqueue(bench.note(unique: unique(.unfinished))) == .duplicate(first.id))
                #expect(try await bench.store.drop(bench.letters(), of: "work") == [true])
                let second = try bench.note(unique: unique(.unfinished))
                #expect(try await bench.enqueue(second) == nil)
                #expect(try await bench.enqueue(bench.note(unique: unique(.unfinished))) == .duplicate(second.id))
            }
        }
    }
}
