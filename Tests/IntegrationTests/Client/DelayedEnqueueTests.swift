import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Jobs that are enqueued for later.
@Suite struct DelayedEnqueueTests {
    @Test(arguments: [true, false])
    func aJobForLaterWaitsInTheScheduledSetWithAllThatItIs(tracked: Bool) async throws {
        try await withBench(tracked: tracked) { bench in
            let before = try await bench.redis.now()
            let id = try await bench.enqueue(1, lane: .low, start: .after(.seconds(60)))[0]
            let after = try await bench.redis.now()
            #expect(try await bench.length(.low) == 0)
            let due = try #require(try await bench.redis.ask("ZSCORE", bench.keys.scheduled("work"), "\(id)").int)
            #expect((before + 60_000...after + 60_000).contains(due))
            let record = try #require(try await bench.client.record(of: id))
            #expect(record.state == .scheduled(due: due))
            #expect(record.lane == .low)
            #expect(record.kind == "note")
            #expect(record.attempt == 1)
            #expect((before...after).contains(record.enqueuedAt))
            #expect(record.payload == ByteBuffer(string: "{\"number\":0}"))
            #expect(try await bench.record(id)["meta"] == "{\"priority\":\"low\"}")
            #expect(try await bench.redis.ask("PTTL", bench.keys.record(id)).int == -1)
        }
    }

    @Test func aMomentIsKeptToTheMillisecond() async throws {
        try await withBench(events: true) { bench in
            let due = try await bench.redis.now() + 12_345
            let id = try await bench.enqueue(1, start: .at(due))[0]
            #expect(try await bench.redis.ask("ZSCORE", bench.keys.scheduled("work"), "\(id)").int == due)
            let event = try #require(try await bench.entries(bench.keys.events).first)
            #expect(event["type"] == "accepted")
            #expect(event["due"] == "\(due)")
            #expect(event["data"] == "{\"number\":0}")
        }
    }

    @Test(
        arguments: [
            .at(0), .at(-1), .at(.min), .at(1_700_000_000_000), .after(.zero), .after(.microseconds(1)),
            .after(.seconds(-5)), .after(.seconds(Int64.min)),
        ] as [NewJob.Start], [true, false])
    func aMomentThatHasPassedIsNow(start: NewJob.Start, tracked: Bool) async throws {
        try await withBench(tracked: tracked) { bench in
            let id = try await bench.enqueue(1, start: start)[0]
            #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(id)"])
            #expect(try await bench.scheduledCount() == 0)
            #expect(try await bench.redis.exists(bench.keys.record(id)) == tracked)
        }
    }

    /// A date in the wrong unit must neither be refused halfway through a batch nor end the worker that looks at it.
    @Test(arguments: [.at(.max), .after(.seconds(Int64.max)), .at(1 << 60)] as [NewJob.Start])
    func theEndOfTimeIsAMomentLikeAnyOther(start: NewJob.Start) async throws {
        try await withBench { bench in
            let id = try await bench.enqueue(1, start: start)[0]
            let promotion = try await bench.promote(.scheduled)
            #expect(promotion.moved == 0)
            #expect(try #require(promotion.next) > 1_000_000_000)
            guard case .scheduled(let due) = try await bench.client.record(of: id)?.state else {
                Issue.record("not scheduled")
                return
            }
            #expect(due > 1_800_000_000_000)
        }
    }

    @Test func whatSomebodyElsePutIntoTheSetHoldsNothingUp() async throws {
        try await withBench { bench in
            let id = try await bench.enqueue(1, start: .after(.seconds(3600)))[0]
            try await bench.redis.ask(
                "ZADD", bench.keys.scheduled("work"), "inf", "never", "1e300", "late", "-inf", "x")
            try await bench.makeDue([id], in: .scheduled)
            #expect(try await bench.promote(.scheduled).moved == 2)
            #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(id)"])
            #expect(try await bench.entries(bench.keys.dead("work")).map { $0["id"] } == ["x"])
        }
    }

    @Test(arguments: [true, false])
    func theSameJobAgainIsADuplicate(tracked: Bool) async throws {
        try await withBench(tracked: tracked, events: true) { bench in
            let job = try bench.notes(1, start: .after(.seconds(60)))[0]
            let first = try await bench.client.enqueue(job)
            let second = try await bench.client.enqueue(job)
            #expect(!first.isDuplicate)
            #expect(second.isDuplicate)
            #expect(second.id == job.id)
            #expect(try await bench.delayed(.scheduled) == ["\(job.id)"])
            #expect(try await bench.length() == 0)
            #expect(try await bench.events().count == (tracked ? 1 : 0))
        }
    }

    @Test func theSameJobTwiceInOneCallIsEnqueuedOnce() async throws {
        try await withBench { bench in
            let job = try bench.notes(1)[0]
            let receipts = try await bench.client.enqueue([job, job, job]).map { try $0.get() }
            #expect(receipts.map(\.isDuplicate) == [false, true, true])
            #expect(try await bench.length() == 1)
        }
    }

    @Test(arguments: [true, false])
    func itsTimeComesAndItIsAJobLikeAnyOther(tracked: Bool) async throws {
        try await withBench(tracked: tracked) { bench in
            let id = try await bench.enqueue(1, from: 7, lane: .high, start: .after(.seconds(60)))[0]
            let at = try #require(try await bench.client.record(of: id)?.enqueuedAt)
            try await bench.makeDue([id], in: .scheduled)
            #expect(try await bench.promote(.scheduled).moved == 1)
            #expect(try await bench.redis.exists(bench.keys.record(id)) == tracked)
            if tracked { #expect(try await bench.client.record(of: id)?.state == .queued) }
            let job = try await bench.deliver(1, to: "a", lane: .high)[0]
            #expect(job.job == id)
            #expect(job.attempt == 1)
            #expect(job.enqueuedAt == at + 60_000, "it is as old as it could have been run")
            if tracked { #expect(try await bench.client.record(of: id)?.enqueuedAt == at) }
            #expect(String(buffer: job.payload) == "{\"number\":7}")
        }
    }
}
