import JobRuntime
import Testing

extension Conformance {
    /// How deliveries end, and the fence: only what a consumer holds, with the delivery count it holds it by.
    @Suite struct Settling {
        @Test(
            arguments: Ground.allCases,
            [
                Settlement.Verb.done(result: ""), .expired(error: "late"), .discarded(reason: .permanent, error: "x"),
                .dead, .unknown, .retry(in: .seconds(9)),
            ])
        func aDeliveryEndsOnce(ground: Ground, verb: Settlement.Verb) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                #expect(try await bench.settle(verb, job) == [.settled])
                let record = try await bench.store.record(of: job[0].job)
                #expect(try await bench.settle(.done(result: "again"), job) == [.gone])
                #expect(try await bench.store.record(of: job[0].job) == record)
                #expect(try await bench.reclaim(by: "b").delivered.isEmpty, "nothing of it is left in the stream")
            }
        }

        @Test(
            arguments: Ground.allCases,
            [
                Settlement.Verb.done(result: ""), .expired(error: "late"), .discarded(reason: .permanent, error: "x"),
                .dead, .retry(),
                .release(isUntouched: true),
            ])
        func aConsumerThatHasLostItsEntryChangesNothing(ground: Ground, verb: Settlement.Verb) async throws {
            try await withStore(ground) { bench in
                let stale = try await bench.delivered(to: "a")
                let held = try await bench.reclaim(by: "b").delivered
                #expect(held.map(\.deliveries) == [2])
                #expect(try await bench.settle(verb, stale, by: "a") == [.held])
                guard case .running("b", _, 2) = try await bench.state(stale[0].job) else {
                    Issue.record("no longer b's")
                    return
                }
                #expect(try await bench.letters().isEmpty)
                #expect(try await bench.settle(.done(result: ""), held, by: "b") == [.settled])
            }
        }

        /// A worker that was stopped for longer than its lease, and took its own entry again.
        @Test(arguments: Ground.allCases)
        func theOwnerWithAnOlderDeliveryIsFencedToo(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let first = try await bench.delivered(to: "a")
                let second = try await bench.reclaim(by: "a").delivered
                #expect(try await bench.settle(.done(result: ""), first) == [.held])
                #expect(try await bench.settle(.done(result: ""), second) == [.settled])
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsHeldIsSettledBesideWhatIsNot(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(5, to: "a")
                _ = try await bench.settle(.done(result: ""), [jobs[1]])
                let taken = try await bench.reclaim(1, by: "b").delivered
                #expect(taken.map(\.job) == [jobs[0].job])
                let answers = try await bench.settle(.done(result: ""), jobs)
                #expect(answers == [.held, .gone, .settled, .settled, .settled])
                #expect(try await bench.state(jobs[4].job) == .succeeded(result: nil))
                guard case .running("b", _, 2) = try await bench.state(jobs[0].job) else {
                    Issue.record("no longer b's")
                    return
                }
            }
        }

        @Test(arguments: Ground.allCases, [true, false])
        func aRetryIsTheNextAttempt(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let job = try await bench.delivered(lane: .low)[0]
                _ = try await bench.settle(.retry(attempt: 2), [job])
                try await bench.promote(.retry)
                let again = try #require(try await bench.deliver(1, to: "b", lane: .low).first)
                #expect(again.job == job.job)
                #expect((again.attempt, again.deliveries) == (2, 1))
                #expect(again.payload == job.payload)
                #expect(again.meta == job.meta)
                #expect(again.enqueuedAt == job.enqueuedAt)
            }
        }

        @Test(arguments: Ground.allCases)
        func aSnoozeMayChangeTheMeta(ground: Ground) async throws {
            try await withStore(ground) { bench in
                var meta = JobMeta()
                meta.snoozes = 3
                _ = try await bench.settle(.snooze(meta: meta), bench.delivered())
                try await bench.promote(.retry)
                let again = try await bench.deliver(1, to: "b")
                #expect(again.map(\.meta.snoozes) == [3])
                #expect(again.map(\.attempt) == [1])
            }
        }

        @Test(arguments: Ground.allCases, [true, false])
        func aDeadLetterIsTheWholeJob(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let job = try await bench.delivered(lane: .high)[0]
                _ = try await bench.settle(.dead, [job])
                let letter = try #require(try await bench.letters().first)
                #expect(letter.job == job.job)
                #expect(letter.kind == "note")
                #expect(letter.attempt == 1)
                #expect(letter.enqueuedAt == job.enqueuedAt)
                #expect(letter.payload == job.payload)
                #expect(letter.meta == job.meta)
                #expect(letter.reason == .permanent)
                #expect(letter.error == "no such number")
                #expect(letter.diedAt >= job.enqueuedAt)
                #expect(letter.isRedrivable)
            }
        }

        @Test(arguments: Ground.allCases)
        func withoutAReaderThereIsNoGroup(ground: Ground) async throws {
            try await withStore(ground) { bench in
                try await bench.enqueue(bench.note())
                let settlement = Settlement(
                    entry: Entry(.normal, EntryID(milliseconds: 1, sequence: 0)), deliveries: 1,
                    verb: .release(isUntouched: true))
                await #expect { try await bench.reclaim(by: "a") } throws: { ($0 as? StoreError)?.code == .noGroup }
                await #expect {
                    try await bench.store.settle([settlement], of: bench.queue, lane: .normal, consumer: "a")
                } throws: {
                    ($0 as? StoreError)?.code == .noGroup
                }
            }
        }
    }
}
