import JobRuntime
import NIOCore
import Testing

extension Conformance {
    @Suite struct DeadLetters {
        @Test(arguments: Ground.allCases)
        func theyAreReadPageByPageOldestFirst(ground: Ground) async throws {
            try await withStore(ground) { bench in
                #expect(try await bench.letters().isEmpty)
                let jobs = try await bench.delivered(5)
                for job in jobs { _ = try await bench.settle(.dead, [job]) }
                var (pages, last) = ([[JobID?]](), DeadLetter.ID?.none)
                for _ in 0..<3 {
                    let page = try await bench.store.deadLetters(of: "work", after: last, limit: 2)
                    pages.append(page.map(\.job))
                    last = page.last?.id
                }
                #expect(pages == [[jobs[0].job, jobs[1].job], [jobs[2].job, jobs[3].job], [jobs[4].job]])
                #expect(try await bench.store.deadLetters(of: "work", after: last, limit: 2).isEmpty)
                #expect(try await bench.store.deadLetters(of: "other", after: nil, limit: 2).isEmpty)
            }
        }

        @Test(arguments: Ground.allCases, [true, false])
        func oneThatIsRedrivenIsAFirstAttemptInItsLane(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                var job = try bench.note(7, lane: .high)
                job.meta.parkedAt = 1
                try await bench.enqueue(job)
                let first = try await bench.deliver(1, to: "a", lane: .high)[0]
                _ = try await bench.settle(.dead, [first])
                #expect(try await bench.store.redrive(bench.letters(), of: "work") == [true])
                #expect(try await bench.letters().isEmpty)
                let again = try #require(try await bench.deliver(1, to: "b", lane: .high).first)
                #expect((again.job, again.attempt, again.deliveries) == (job.id, 1, 1))
                #expect(again.payload == first.payload)
                #expect(again.enqueuedAt == first.enqueuedAt)
                #expect(again.meta.parkedAt == nil)
                #expect((again.meta.redrivenAt ?? 0) >= first.enqueuedAt)
            }
        }

        @Test(arguments: Ground.allCases)
        func theRecordOfARedrivenJobIsThatOfAQueuedOne(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()[0].job
                let queued = try #require(try await bench.store.record(of: job))
                _ = try await bench.settle(.retry(), bench.reclaim(by: "b").delivered, by: "b")
                try await bench.promote(.retry)
                _ = try await bench.settle(.dead, bench.deliver(1, to: "a"))
                _ = try await bench.store.redrive(bench.letters(), of: "work")
                var record = try #require(try await bench.store.record(of: job))
                #expect(record.state == .queued)
                (record.state, record.entry) = (queued.state, queued.entry)
                #expect(record == queued, "nothing is left of the attempts before")
                #expect(try await bench.store.cancel(job) == .canceled)
            }
        }

        @Test(arguments: Ground.allCases)
        func oneThatIsGoneIsNotRedriven(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.dead, bench.delivered(3))
                let letters = try await bench.letters()
                #expect(try await bench.store.redrive([letters[1]], of: "work") == [true])
                #expect(try await bench.store.redrive(letters, of: "work") == [true, false, true])
                #expect(try await bench.deliver(10, to: "a").count == 3)
            }
        }

        @Test(arguments: Ground.allCases)
        func oneWithNoJobLeftStays(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.dead, bench.delivered())
                var letters = try await bench.letters()
                (letters[0].job, letters[0].kind) = (nil, "")
                #expect(!letters[0].isRedrivable)
                #expect(try await bench.store.redrive(letters, of: "work") == [false])
                #expect(try await bench.letters().count == 1)
                #expect(try await bench.deliver(10, to: "a").isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func oneThatIsDroppedIsGoneAndItsRecordSoon(ground: Ground) async throws {
            try await withStore(ground, recordTTL: .milliseconds(60)) { bench in
                let jobs = try await bench.delivered(2)
                _ = try await bench.settle(.dead, jobs)
                let letters = try await bench.letters()
                #expect(try await bench.store.drop([letters[0]], of: "work") == [true])
                #expect(try await bench.store.drop(letters, of: "work") == [false, true])
                #expect(try await bench.letters().isEmpty)
                try await bench.pass(60)
                #expect(try await bench.state(jobs[0].job) == nil)
            }
        }

        /// An untracked job leaves no record, so its id is free while its letter stands.
        @Test(arguments: Ground.allCases, [true, false])
        func whatBecomesOfALetterIsNothingToTheSameJobEnqueuedAgain(ground: Ground, isDropped: Bool) async throws {
            try await withStore(ground, tracked: false, recordTTL: .milliseconds(20)) { bench in
                var job = try bench.note()
                try await bench.enqueue(job)
                _ = try await bench.settle(.dead, bench.deliver(1, to: "a"))
                job.start = .after(.milliseconds(100))
                #expect(try await bench.enqueue(job) == nil)
                let record = try #require(try await bench.store.record(of: job.id))
                let letters = try await bench.letters()
                if isDropped {
                    #expect(try await bench.store.drop(letters, of: "work") == [true])
                } else {
                    #expect(try await bench.store.redrive(letters, of: "work") == [true])
                    #expect(try await bench.deliver(10, to: "a").map(\.job) == [job.id])
                }
                #expect(try await bench.store.record(of: job.id) == record)
                try await bench.pass(100)
                #expect(try await bench.promote(.scheduled).moved == 1)
                #expect(try await bench.deliver(10, to: "a").map(\.job) == [job.id])
                #expect(try await bench.letters().isEmpty)
            }
        }
    }
}
