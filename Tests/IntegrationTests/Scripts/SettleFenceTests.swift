import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// I3: who has lost an entry can do nothing to it any more.
@Suite struct SettleFenceTests {
    private static let verbs: [Settlement.Verb] = [
        .done(result: "{}"), .retry(after: .zero), .snooze(for: .zero), .park(for: .zero), .dead(), .unknown,
        .expired(error: "too late"), .release(isUntouched: true), .release(isUntouched: false),
    ]

    /// Nothing of a fenced settlement is to be seen.
    private func expectUntouched(_ job: Delivered, in bench: Bench) async throws {
        #expect(try await bench.length() == 1)
        #expect(try await bench.retryCount() == 0)
        #expect(try await bench.deadCount() == 0)
        #expect(try await bench.record(job.job)["state"] == "queued")
        #expect(try await bench.entries(bench.keys.events).map { $0["type"] } == ["accepted"])
    }

    @Test(arguments: verbs)
    func anEntryThatAnotherConsumerHasClaimedIsFenced(verb: Settlement.Verb) async throws {
        try await withBench(events: true) { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            try await bench.claim(job.entry, by: "b", deliveries: 1)  // the owner alone is another
            #expect(try await bench.settle([(job, verb)], by: "a") == [.held])
            try await expectUntouched(job, in: bench)
            #expect(try await bench.pending().map(\.consumer) == ["b"])
        }
    }

    @Test(arguments: verbs)
    func theSameConsumerIsFencedWhereTheDeliveryCountIsAnother(verb: Settlement.Verb) async throws {
        try await withBench(events: true) { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            try await bench.claim(job.entry, by: "a")
            #expect(try await bench.settle([(job, verb)], by: "a") == [.held])
            try await expectUntouched(job, in: bench)
            #expect(try await bench.pending().map(\.deliveries) == [2])
        }
    }

    @Test func whoHoldsItByTheNewCountSettlesIt() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            try await bench.claim(job.entry, by: "b", deliveries: 7)
            let again = Delivered(
                entry: job.entry, deliveries: 7, job: job.job, kind: job.kind, attempt: 1, enqueuedAt: 0,
                payload: job.payload, meta: job.meta)
            #expect(try await bench.settle([(again, .done(result: ""))], by: "b") == [.settled])
            #expect(try await bench.isEmpty())
            #expect(try await bench.record(job.job)["deliveries"] == "7")
        }
    }

    @Test func whatNobodyHoldsIsGone() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(2, to: "a")
            let batch = jobs.map { ($0, Settlement.Verb.done(result: "first")) }
            #expect(try await bench.settle(batch, by: "a") == [.settled, .settled])
            #expect(try await bench.settle(jobs.map { ($0, .done(result: "second")) }, by: "a") == [.gone, .gone])
            #expect(try await bench.record(jobs[0].job)["result"] == "first")
        }
    }

    @Test func anEntryThatWasHandedBackIsFenced() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            #expect(try await bench.release([job], by: "a") == [.settled])
            #expect(try await bench.settle([(job, .done(result: ""))], by: "a") == [.held])
            #expect(try await bench.length() == 1)
        }
    }

    @Test func withoutAGroupNothingIsSettled() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            try await bench.redis.ask("XGROUP", "DESTROY", bench.stream, KeySpace.group)
            await #expect { try await bench.settle([(job, .done(result: ""))], by: "a") } throws: {
                ($0 as? StoreError)?.code == .noGroup
            }
            #expect(try await bench.length() == 1)
        }
    }

    /// The range that is asked for holds many more entries than the batch: what lies behind is asked for one by one.
    @Test func aSparseBatchIsSettledWhole() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(100, to: "a")
            let some = [0, 33, 66, 99]
            try await bench.claim(jobs[66].entry, by: "b", deliveries: 1)
            #expect(
                try await bench.settle(some.map { (jobs[$0], .done(result: "")) }, by: "a") == [
                    .settled, .settled, .held, .settled,
                ])
            let left = try await Set(bench.pending().map(\.entry))
            #expect(left == Set(jobs.indices.filter { ![0, 33, 99].contains($0) }.map { "\(jobs[$0].entry)" }))
            #expect(try await bench.length() == 97)
        }
    }

    @Test func aDenseBatchAmongEntriesOfOthersIsSettledWhole() async throws {
        try await withBench(tracked: false) { bench in
            try await bench.enqueue(300)
            var mine: [Delivered] = []
            for _ in 0..<50 {
                mine += try await bench.deliver(1, to: "a")
                _ = try await bench.deliver(5, to: "b")
            }
            let answers = try await bench.settle(mine.map { ($0, .done(result: "")) }, by: "a")
            #expect(answers == Array(repeating: .settled, count: 50))
            #expect(try await bench.pending().allSatisfy { $0.consumer == "b" })
            #expect(try await bench.length() == 250)
        }
    }

    @Test func aBatchOfTheLargestSizeFitsOneCall() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(500, to: "a")
            let answers = try await bench.settle(jobs.map { ($0, .done(result: "{}")) }, by: "a")
            #expect(answers == Array(repeating: .settled, count: 500))
            #expect(try await bench.isEmpty())
        }
    }
}
