import Redis
import TestSupport
import Testing

@testable import JobRuntime

@Suite struct ReclaimScriptTests {
    private func reclaimer(_ bench: Bench, by consumer: String = "b") -> Reclaimer {
        Reclaimer(scope: bench.scope(consumer) { $0.lease = .seconds(1000) })
    }

    @Test func onlyWhatIsIdleForLongerThanTheLeaseIsTaken() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(3, to: "a")
            try await bench.claim(jobs[0].entry, by: "a", idle: 500_000, deliveries: 1)
            try await bench.claim(jobs[1].entry, by: "a", idle: 1_500_000, deliveries: 2)
            var reclaimer = reclaimer(bench)
            let taken = try #require(try await reclaimer.claim(100))
            #expect(taken.map(\.deliveries) == [3])
            #expect(taken[0].entry == jobs[1].entry)
            #expect(taken[0].payload == jobs[1].payload)
            let rows = try await bench.pending()
            #expect(rows.map(\.consumer) == ["a", "b", "a"])
            #expect(rows.map(\.deliveries) == [1, 3, 1])
        }
    }

    @Test func betweenScansOnlyWhatWasHandedBackIsTaken() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(3, to: "a")
            var reclaimer = reclaimer(bench)
            #expect(try await reclaimer.claim(100)?.isEmpty == true)
            // The scan is over for now: what another worker leaves behind has to wait for the next one …
            try await bench.claim(jobs[0].entry, by: "a", idle: 2_000_000, deliveries: 1)
            #expect(try await bench.release([jobs[1]], by: "a") == [.settled])
            let taken = try #require(try await reclaimer.claim(100))
            // … and what is handed back does not.
            #expect(taken.map(\.deliveries) == [1])
            #expect(taken[0].entry == jobs[1].entry)
            #expect(try await bench.pending().map(\.consumer) == ["a", "b", "a"])
        }
    }

    @Test func itTakesNoMoreThanItIsAskedFor() async throws {
        try await withBench(tracked: false) { bench in
            let jobs = try await bench.delivered(20, to: "a")
            for job in jobs { try await bench.claim(job.entry, by: "a", idle: 2_000_000, deliveries: 1) }
            var reclaimer = reclaimer(bench)
            #expect(try await reclaimer.claim(7)?.count == 7)
            #expect(try await bench.pending().count { $0.consumer == "b" } == 7)
            #expect(reclaimer.wait <= .zero, "there is more to see: the next pass is due at once")
        }
    }

    /// XAUTOCLAIM looks at ten times as many entries as it may take: what is behind those is reached by the cursor only.
    @Test func theTailBehindManyLivingEntriesIsReached() async throws {
        try await withBench(tracked: false) { bench in
            let jobs = try await bench.delivered(120, to: "a")
            for job in jobs.suffix(3) { try await bench.claim(job.entry, by: "a", idle: 2_000_000, deliveries: 1) }
            var reclaimer = reclaimer(bench)
            #expect(try await reclaimer.claim(1)?.isEmpty == true)
            var taken = 0
            for _ in 0..<40 { taken += try await reclaimer.claim(1)?.count ?? 0 }
            #expect(taken == 3)
            let rows = try await bench.pending()
            #expect(rows.suffix(3).allSatisfy { $0.consumer == "b" })
            #expect(rows.dropLast(3).allSatisfy { $0.consumer == "a" })
        }
    }

    @Test func afterAWholePassItWaits() async throws {
        try await withBench { bench in
            _ = try await bench.delivered(2, to: "a")
            var reclaimer = reclaimer(bench)
            #expect(reclaimer.wait <= .zero)
            #expect(try await reclaimer.claim(10)?.isEmpty == true)
            #expect(reclaimer.wait > .zero)
        }
    }

    @Test func anEntryWhosePayloadWasDeletedIsReportedAndNotDelivered() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(2, to: "a")
            for job in jobs { try await bench.claim(job.entry, by: "a", idle: 2_000_000, deliveries: 1) }
            try await bench.redis.ask("XDEL", bench.stream, "\(jobs[0].entry)")
            let reclaimed = try await bench.reclaim(10, by: "b", lease: .seconds(1000))
            #expect(reclaimed.cursors == [:])
            #expect(reclaimed.delivered.map(\.entry) == [jobs[1].entry])
            #expect(reclaimed.delivered.map(\.deliveries) == [2])
            #expect(reclaimed.deleted == ["\(jobs[0].entry)"])
            #expect(try await bench.pending().map(\.entry) == ["\(jobs[1].entry)"])
        }
    }

    @Test func oneThatWasHandedBackAndDeletedIsReportedToo() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(2, to: "a")
            _ = try await bench.release(jobs, by: "a")
            try await bench.redis.ask("XDEL", bench.stream, "\(jobs[0].entry)")
            let claim = Claim(most: 10, lease: .seconds(1000), cursors: nil)
            let reclaimed = try await bench.store.reclaim(claim, of: bench.queue, consumer: "b")
            #expect(reclaimed.delivered.map(\.entry) == [jobs[1].entry])
            #expect(reclaimed.deleted == ["\(jobs[0].entry)"])
        }
    }

    /// What it had claimed by then would be held by a worker that does not know of it.
    @Test func whereAGroupIsMissingNothingIsTaken() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(1, to: "a")
            _ = try await bench.release(jobs, by: "a")
            try await bench.redis.ask("XGROUP", "DESTROY", bench.stream(.low), KeySpace.group)
            await #expect {
                try await bench.reclaim(10, by: "b")
            } throws: {
                ($0 as? StoreError)?.code == .noGroup
            }
            #expect(try await bench.pending().map(\.consumer) == [KeySpace.released])
            #expect(try await bench.pending().map(\.deliveries) == [0])
        }
    }
}
