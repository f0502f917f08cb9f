import JobRuntime
import Testing

extension Conformance {
    /// From the delayed sets back to the streams.
    @Suite struct Promoting {
        @Test(arguments: Ground.allCases, [true, false])
        func dueJobsAreMovedInTheOrderOfTheirTime(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let jobs = try [30, 10, 60_000, 20].enumerated().map { number, wait in
                    try bench.note(number, start: .after(.milliseconds(wait)))
                }
                try await bench.enqueue(jobs)
                try await bench.pass(30)
                let promotion = try await bench.promote(.scheduled)
                #expect(promotion.moved == 3)
                #expect((1...60_000).contains(promotion.next ?? 0), "until the last one is due")
                #expect(try await bench.deliver(10, to: "a").map(\.job) == [jobs[1], jobs[3], jobs[0]].map(\.id))
                #expect(try await (bench.state(jobs[1].id) != nil) == tracked)
                #expect(try await bench.promote(.scheduled).moved == 0, "each is moved once")
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsNotDueStays(ground: Ground) async throws {
            try await withStore(ground) { bench in
                #expect(try await bench.promote(.retry) == Promotion(moved: 0, next: nil))
                _ = try await bench.settle(.retry(in: .seconds(60)), bench.delivered())
                let promotion = try await bench.promote(.retry)
                #expect(promotion.moved == 0)
                #expect((1...60_000).contains(promotion.next ?? 0))
                #expect(try await bench.promote(.scheduled) == Promotion(moved: 0, next: nil), "the other set")
            }
        }

        @Test(arguments: Ground.allCases)
        func aMovedJobIsQueuedInItsLane(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered(lane: .high)[0]
                _ = try await bench.settle(.retry(), [job])
                try await bench.promote(.retry)
                #expect(try await bench.state(job.job) == .queued)
                #expect(try await bench.deliver(10, to: "a", lane: .normal).isEmpty)
                let again = try #require(try await bench.deliver(10, to: "a", lane: .high).first)
                #expect(try await bench.store.record(of: job.job)?.entry == again.entry.id.description)
            }
        }

        @Test(arguments: Ground.allCases)
        func noMoreThanAPageIsMovedAtATime(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.retry(), bench.delivered(5))
                #expect(try await bench.promote(.retry, most: 2) == Promotion(moved: 2, next: 0))
                #expect(try await bench.promote(.retry, most: 2) == Promotion(moved: 2, next: 0))
                #expect(try await bench.promote(.retry, most: 2) == Promotion(moved: 1, next: 0))
                #expect(try await bench.promote(.retry, most: 2) == Promotion(moved: 0, next: nil))
            }
        }

        /// What waits counts, and what runs does not.
        @Test(arguments: Ground.allCases)
        func aboveTheMarkThereIsATrickle(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.retry(), bench.delivered(6))
                _ = try await bench.delivered(3)
                try await bench.enqueue((0..<2).map { try bench.note($0, lane: .low) })
                #expect(try await bench.promote(.retry, mark: 4) == Promotion(moved: 2, next: 0), "up to the mark")
                #expect(try await bench.promote(.retry, mark: 4) == Promotion(moved: 1, next: 0), "at least one")
                #expect(try await bench.promote(.retry, mark: 1) == Promotion(moved: 1, next: 0))
                #expect(try await bench.promote(.retry, mark: 60).moved == 2, "the rest")
            }
        }

        @Test(arguments: Ground.allCases)
        func theTrickleIsATwentiethOfTheMark(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.retry(), bench.delivered(6))
                try await bench.enqueue((0..<40).map { try bench.note($0) })
                #expect(try await bench.promote(.retry, mark: 40) == Promotion(moved: 2, next: 0))
            }
        }

        /// Its age, and so the end of its attempts, counts from there.
        @Test(arguments: Ground.allCases, [true, false])
        func aJobThatWasEnqueuedForLaterIsAsOldAsItCouldHaveBeenRun(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let job = try bench.note(start: .after(.milliseconds(50)))
                try await bench.enqueue(job)
                guard let record = try await bench.store.record(of: job.id), case .scheduled(let due) = record.state
                else {
                    Issue.record("it does not wait")
                    return
                }
                #expect(due == record.enqueuedAt + 50)
                try await bench.pass(50)
                try await bench.promote(.scheduled)
                let first = try await bench.deliver(1, to: "a")
                #expect(first.map(\.enqueuedAt) == [due])
                _ = try await bench.settle(.retry(), first)
                try await bench.promote(.retry)
                let second = try await bench.deliver(1, to: "a")
                #expect(second.map(\.enqueuedAt) == [due], "and the next attempt has the same age")
                if tracked { #expect(try await bench.store.record(of: job.id)?.enqueuedAt == record.enqueuedAt) }
                _ = try await bench.settle(.dead, second)
                #expect(try await bench.letters().map(\.enqueuedAt) == [due])
            }
        }
    }
}
