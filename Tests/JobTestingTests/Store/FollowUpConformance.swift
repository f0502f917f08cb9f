import JobRuntime
import NIOCore
import Testing

extension Conformance {
    /// Jobs that are enqueued with the end of another, in the same step.
    @Suite struct FollowUps {
        private static let other = JobQueue("news")

        private static let ends: [Settlement.Verb] = [
            .done(result: "{}"), .dead, .unknown, .expired(error: "late"),
            .discarded(reason: .permanent, error: "x"),
        ]

        private func message(_ number: Int = 0, lane: Lane = .normal, in queue: JobQueue = other) throws -> NewJob {
            try NewJob(Note(number: number), queue: queue, lane: lane)
        }

        @Test(arguments: Ground.allCases, ends)
        func whatFollowsAnEndIsEnqueuedWithIt(ground: Ground, end: Settlement.Verb) async throws {
            try await withStore(ground) { bench in
                var news = try message(7, lane: .high)
                news.meta.trace = ["traceparent": "00-1"]
                let job = try await bench.delivered()[0]
                #expect(try await bench.settle([(job, end, [news])]) == [.settled])
                let record = try #require(try await bench.store.record(of: news.id))
                #expect(record.state == .queued)
                #expect(record.queue == "news")
                #expect((record.kind, record.attempt, record.lane) == ("note", 1, .high))
                #expect(record.enqueuedAt == (try await bench.store.record(of: job.job)?.settledAt))
                let delivered = try await bench.beside(Self.other).deliver(2, to: "b", lane: .high)
                #expect(delivered.map(\.job) == [news.id])
                #expect(delivered.first?.payload == ByteBuffer(string: "{\"number\":7}"))
                #expect(delivered.first?.meta == news.meta)
                #expect(delivered.first?.enqueuedAt == record.enqueuedAt)
            }
        }

        @Test(arguments: Ground.allCases, ends)
        func nothingFollowsAnEndThatIsFenced(ground: Ground, end: Settlement.Verb) async throws {
            try await withStore(ground) { bench in
                let news = try [message(0), message(1)]
                let stale = try await bench.delivered()[0]
                let held = try await bench.reclaim(by: "b").delivered
                #expect(try await bench.settle([(stale, end, [news[0]])]) == [.held])
                #expect(try await bench.state(news[0].id) == nil)
                #expect(try await bench.settle(.done(result: ""), held, by: "b") == [.settled])
                #expect(try await bench.settle([(stale, end, [news[1]])]) == [.gone])
                #expect(try await bench.state(news[1].id) == nil)
                #expect(try await bench.beside(Self.other).deliver(10, to: "c").isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func whatHasARecordDoesNotFollowAgain(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let news = try message()
                let jobs = try await bench.delivered(3)
                _ = try await bench.settle([(jobs[0], .unknown, [news, news]), (jobs[1], .dead, [news])])
                let place = bench.beside(Self.other)
                let first = try await place.deliver(10, to: "c")
                #expect(first.map(\.job) == [news.id], "once, though three said so")
                _ = try await place.settle(.done(result: ""), first, by: "c")
                _ = try await bench.settle([(jobs[2], .done(result: ""), [news])])
                #expect(try await place.deliver(10, to: "c").isEmpty)
                #expect(try await bench.state(news.id) == .succeeded(result: nil))
            }
        }

        /// A job whose end is repeated by a person's redrive has its news told once for each end.
        @Test(arguments: Ground.allCases)
        func aRedrivenJobIsFollowedByTheSameJobOnce(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()[0]
                let news = try NewJob(Note(number: 1), id: .derived(from: job.job, "ended"), queue: Self.other)
                _ = try await bench.settle([(job, .dead, [news])])
                _ = try await bench.store.redrive(try await bench.letters(), of: "work")
                let again = try await bench.deliver(1, to: "a")
                #expect(try await bench.settle([(again[0], .dead, [news])]) == [.settled])
                #expect(try await bench.beside(Self.other).deliver(10, to: "b").count == 1)
            }
        }

        /// Where each settlement's keys and words stand in the call depends on all that come before it.
        @Test(arguments: Ground.allCases, [true, false])
        func manyFollowManyOfOneBatch(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let jobs = try await bench.delivered(9, to: "a")
                let lost = jobs[4]
                _ = try await bench.settle(.release(isUntouched: false), [lost])
                let news = try (0..<8).map { try message($0, lane: Lane.allCases[$0 % 3]) }
                let answers = try await bench.settle([
                    (jobs[0], .done(result: ""), []), (jobs[1], .retry(), []),
                    (jobs[2], .done(result: "1"), [news[0], news[1], news[2]]),
                    (jobs[3], .release(isUntouched: true), []),
                    (lost, .dead, [news[6], news[7]]), (jobs[5], .expired(error: "late"), [news[3]]),
                    (jobs[6], .snooze(for: .seconds(60)), []), (jobs[7], .dead, [news[4]]),
                    (jobs[8], .discarded(reason: .permanent, error: "x"), [news[5]]),
                ])
                #expect(answers == (0..<9).map { $0 == 4 ? .held : .settled })
                let place = bench.beside(Self.other)
                for lane in Lane.allCases {
                    let expected = (0..<6).filter { $0 % 3 == lane.rank }.map { news[$0].id }
                    #expect(try await place.deliver(10, to: "c", lane: lane).map(\.job) == expected)
                }
                for (job, state) in [(1, "retrying"), (6, "snoozed")] {
                    let word = try await bench.state(jobs[job].job).map { "\($0)" } ?? ""
                    #expect(word.hasPrefix(state), "\(job): \(word)")
                }
                #expect(try await bench.letters().map(\.job) == [jobs[7].job])
                #expect(
                    Set(try await bench.reclaim(by: "d", cursors: nil).delivered.map(\.job)) == [jobs[3].job, lost.job])
                guard tracked else { return }
                #expect(try await bench.state(jobs[0].job) == .succeeded(result: nil))
                #expect(try await bench.state(jobs[2].job) == .succeeded(result: "1"))
                #expect(try await bench.state(jobs[5].job) == .expired)
                #expect(try await bench.state(jobs[8].job) == .discarded(reason: .permanent))
            }
        }

        /// It has no record by which a second could be told from the first, and leaves none behind.
        @Test(arguments: Ground.allCases)
        func aJobOfAnUntrackedQueueFollowsAsOftenAsItIsSaid(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let quiet = JobQueue("quiet", isTracked: false)
                let news = try message(in: quiet)
                let jobs = try await bench.delivered(2)
                _ = try await bench.settle([(jobs[0], .done(result: ""), [news]), (jobs[1], .done(result: ""), [news])])
                #expect(try await bench.state(news.id) == nil)
                #expect(try await bench.beside(quiet).deliver(10, to: "b").map(\.job) == [news.id, news.id])
            }
        }

        @Test(arguments: Ground.allCases)
        func itBeginsAtOnceAndKeepsNobodyOut(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let news = try (0..<2).map { number in
                    try NewJob(
                        Note(number: number), queue: Self.other, start: .after(.seconds(3600)),
                        unique: .init("only", for: .seconds(3600)))
                }
                let job = try await bench.delivered()[0]
                _ = try await bench.settle([(job, .done(result: ""), news)])
                #expect(try await bench.beside(Self.other).deliver(10, to: "b").map(\.job) == news.map(\.id))
            }
        }

        @Test(arguments: Ground.allCases)
        func itMayFollowIntoItsOwnQueue(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()[0]
                let next = try bench.note(1)
                _ = try await bench.settle([(job, .done(result: ""), [next])])
                #expect(try await bench.deliver(10, to: "a").map(\.job) == [next.id])
            }
        }
    }
}
