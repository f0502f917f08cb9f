import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// extend.lua, leave.lua, and handing back.
@Suite struct LeaseScriptTests {
    private let long = 5_000_000

    @Test func extendingRenewsTheLeaseAndCountsNoDelivery() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(3, to: "a")
            for job in jobs { try await bench.claim(job.entry, by: "a", idle: long, deliveries: 1) }
            #expect(try await bench.pending().allSatisfy { $0.idle >= long })
            #expect(try await bench.extend([jobs[0], jobs[2]], by: "a") == [true, true])
            let rows = try await bench.pending()
            #expect(rows.map { $0.idle < long } == [true, false, true])
            #expect(rows.map(\.deliveries) == [1, 1, 1])
            #expect(rows.map(\.consumer) == ["a", "a", "a"])
        }
    }

    @Test func extendingNeverTakesAnEntryBack() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(4, to: "a")
            try await bench.claim(jobs[0].entry, by: "b", idle: long, deliveries: 1)
            try await bench.claim(jobs[1].entry, by: "a", idle: long)  // delivered to it anew: count 2
            #expect(try await bench.release([jobs[2]], by: "a") == [.settled])
            #expect(try await bench.extend(jobs, by: "a") == [false, false, false, true])
            let rows = try await bench.pending()
            #expect(rows.map(\.consumer) == ["b", "a", "__released__", "a"])
            #expect(rows.map(\.deliveries) == [1, 2, 0, 1])
            #expect(rows[0].idle >= long)
            #expect(rows[1].idle >= long)
        }
    }

    @Test func extendingWhatWasSettledBringsNothingBack() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(2, to: "a")
            #expect(try await bench.settle([(jobs[0], .done(result: ""))], by: "a") == [.settled])
            #expect(try await bench.extend(jobs, by: "a") == [false, true])
            #expect(try await bench.pending().map(\.entry) == ["\(jobs[1].entry)"])
        }
    }

    @Test func extendingFewOfVeryManyIsExact() async throws {
        try await withBench(tracked: false) { bench in
            let jobs = try await bench.delivered(200, to: "a")
            for job in jobs { try await bench.claim(job.entry, by: "a", idle: long, deliveries: 1) }
            #expect(try await bench.extend([jobs[0], jobs[100], jobs[199]], by: "a") == [true, true, true])
            let fresh = try await bench.pending().enumerated().filter { $0.element.idle < long }.map(\.offset)
            #expect(fresh == [0, 100, 199])
        }
    }

    @Test func whatIsHandedBackIsTakenAtOnceWithItsDeliveryCountRestored() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(3, to: "a")
            try await bench.claim(jobs[1].entry, by: "a", deliveries: 3)
            let third = Delivered(
                entry: jobs[1].entry, deliveries: 3, job: jobs[1].job, kind: "note", attempt: 1, enqueuedAt: 0,
                payload: jobs[1].payload, meta: jobs[1].meta)
            #expect(try await bench.release([jobs[0], third], by: "a") == [.settled, .settled])
            #expect(try await bench.pending().map(\.deliveries) == [0, 2, 1])

            var reclaimer = Reclaimer(scope: bench.scope("b") { $0.lease = .seconds(3600) })
            let taken = try #require(try await reclaimer.claim(100))
            #expect(taken.map(\.deliveries) == [1, 3])
            #expect(try await bench.pending().map(\.consumer) == ["b", "b", "a"])
        }
    }

    @Test func whatAnotherHasIsNotHandedBack() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(2, to: "a")
            try await bench.claim(jobs[0].entry, by: "b", deliveries: 1)
            try await bench.claim(jobs[1].entry, by: "a")
            #expect(try await bench.release(jobs, by: "a") == [.held, .held])
            let rows = try await bench.pending()
            #expect(rows.map(\.consumer) == ["b", "a"])
            #expect(rows.map(\.deliveries) == [1, 2])
        }
    }

    @Test func aConsumerThatHoldsEntriesStays() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            try await bench.store.leave(bench.queue, consumer: "a")
            #expect(try await bench.consumers() == ["a"])
            #expect(try await bench.pending().count == 1)
            #expect(try await bench.settle([(job, .done(result: ""))], by: "a") == [.settled])
            try await bench.store.leave(bench.queue, consumer: "a")
            #expect(try await bench.consumers() == [])
        }
    }

    /// A script hands on no more than a few thousand words at a time, whatever the options say.
    @Test func veryManyLeasesAreRenewedHoweverLargeABatchMayBe() async throws {
        try await withBench(tracked: false) { bench in
            let count = 9000
            let scope = bench.scope("a") {
                $0.settleBatch = count
                $0.lease = .milliseconds(60)
            }
            let jobs = try await bench.delivered(count, to: "a")
            let words = ["XCLAIM", bench.stream, KeySpace.group, "a", "0"] + jobs.map { "\($0.entry)" }
            try await bench.redis.ask(words + ["IDLE", "\(long)", "RETRYCOUNT", "1", "JUSTID"])
            for job in jobs { #expect(scope.inFlight.begin(job)) }
            let keeper = Task { await LeaseKeeper(scope: scope).run() }
            try await eventually("all are renewed") { try await bench.pending().allSatisfy { $0.idle < long } }
            keeper.cancel()
            await keeper.value
        }
    }
}
