import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Taking a job back.
@Suite struct CancelTests {
    private func cancel(_ id: JobID, in bench: Bench) async throws -> Cancellation {
        try await bench.client.cancel(id)
    }

    /// Nothing is left of the job but a record that says so for an hour, and the event.
    private func expectGone(_ id: JobID, in bench: Bench) async throws {
        #expect(try await bench.isEmpty())
        let record = try #require(try await bench.client.record(of: id))
        #expect(record.state == .canceled)
        let now = try await bench.redis.now()
        #expect((now - 60_000...now).contains(record.settledAt ?? 0))
        let life = try #require(try await bench.redis.ask("PTTL", bench.keys.record(id)).int)
        #expect((3_000_000...3_600_000).contains(life))
        let event = try #require(try await bench.entries(bench.keys.events).last)
        #expect(event["type"] == "canceled")
        #expect(event["id"] == "\(id)")
        #expect(event["queue"] == "work")
        #expect(event["attempt"] == "\(record.attempt)")
        #expect(event["at"] == "\(record.settledAt ?? 0)")
        #expect(try await cancel(id, in: bench) == .ended(state: "canceled"))
        let events = try await bench.entries(bench.keys.events)
        #expect(events.count { $0["type"] == "canceled" && $0["id"] == "\(id)" } == 1)
    }

    @Test(arguments: Lane.allCases, [true, false])
    func aQueuedJobIsTakenOutOfItsStream(lane: Lane, hasGroup: Bool) async throws {
        try await withBench(events: true) { bench in
            if hasGroup { try await bench.makeGroups() }
            let id = try await bench.enqueue(1, lane: lane)[0]
            #expect(try await cancel(id, in: bench) == .canceled)
            try await expectGone(id, in: bench)
        }
    }

    @Test func aScheduledJobIsTakenOutOfItsSet() async throws {
        try await withBench(events: true) { bench in
            let ids = try await bench.enqueue(2, start: .after(.seconds(60)))
            #expect(try await cancel(ids[0], in: bench) == .canceled)
            #expect(try await bench.delayed(.scheduled) == ["\(ids[1])"])
            #expect(try await cancel(ids[1], in: bench) == .canceled)
            try await expectGone(ids[1], in: bench)
        }
    }

    @Test(arguments: [
        Settlement.Verb.retry(after: .seconds(60)), .snooze(for: .seconds(60)), .park(for: .seconds(60)),
    ])
    func aJobThatWaitsForItsNextAttemptIsTakenOutOfItsSet(verb: Settlement.Verb) async throws {
        try await withBench(events: true) { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            #expect(try await bench.settle([(job, verb)], by: "a") == [.settled])
            #expect(try await cancel(job.job, in: bench) == .canceled)
            try await expectGone(job.job, in: bench)
        }
    }

    @Test func whatRunsCannotBeTakenBack() async throws {
        try await withBench(events: true) { bench in
            for lane in Lane.allCases {
                let job = try await bench.delivered(1, to: "a", lane: lane)[0]
                let before = try await bench.record(job.job)
                #expect(try await cancel(job.job, in: bench) == .running)
                #expect(try await bench.record(job.job) == before)
                #expect(try await bench.settle([(job, .done)], by: "a") == [.settled])
                #expect(try await cancel(job.job, in: bench) == .ended(state: "done"))
            }
            #expect(try await !bench.events().contains("canceled"))
        }
    }

    /// The record calls it queued, and so it is: nobody has begun it.
    @Test func whatWasHandedBackUnbegunIsTakenBack() async throws {
        try await withBench(events: true) { bench in
            let jobs = try await bench.delivered(2, to: "a")
            #expect(try await bench.release([jobs[0]], by: "a") == [.settled])
            #expect(try await bench.settle([(jobs[1], .release(isUntouched: false))], by: "a") == [.settled])
            #expect(try await cancel(jobs[1].job, in: bench) == .running, "its first attempt may still go on")
            #expect(try await cancel(jobs[0].job, in: bench) == .canceled)
            #expect(try await bench.pending().map(\.entry) == ["\(jobs[1].entry)"])
            #expect(try await bench.reclaim(10, by: "b", lease: .seconds(3600)).delivered.map(\.job) == [jobs[1].job])
        }
    }

    @Test func whatHasEndedSaysHow() async throws {
        try await withBench(events: true) { bench in
            let jobs = try await bench.delivered(4, to: "a")
            let verbs: [Settlement.Verb] = [.done, .dead(), .unknown, .expired(error: "too late")]
            _ = try await bench.settle(Array(zip(jobs, verbs)), by: "a")
            var ends: [Cancellation] = []
            for job in jobs { ends.append(try await cancel(job.job, in: bench)) }
            #expect(ends == ["done", "dead", "unknown", "expired"].map { .ended(state: $0) })
            #expect(try await bench.deadCount() == 2)
            #expect(try await !bench.events().contains("canceled"))
        }
    }

    @Test func whatIsNotKnownIsNotFound() async throws {
        try await withBench(tracked: false) { bench in
            #expect(try await cancel(JobID(), in: bench) == .notFound)
            let id = try await bench.enqueue(1)[0]
            #expect(try await cancel(id, in: bench) == .notFound, "its queue is untracked")
            #expect(try await bench.length() == 1)
        }
    }

    @Test func aDelayedJobOfAnUntrackedQueueIsTakenBackWithoutAnEvent() async throws {
        try await withBench(tracked: false, events: true) { bench in
            let id = try await bench.enqueue(1, start: .after(.seconds(60)))[0]
            #expect(try await cancel(id, in: bench) == .canceled)
            #expect(try await bench.isEmpty())
            #expect(try await !bench.redis.exists(bench.keys.events), "no event has told of its beginning")
        }
    }

    @Test func aWorkerNeverRunsWhatWasTakenBackAndAlwaysWhatWasNot() async throws {
        try await withBench(events: true) { bench in
            let runs = Runs()
            let worker = bench.worker(.notes(runs)) { $0.slots = 5 }
            var ids: [JobID] = []
            for lane in Lane.allCases {
                ids += try await bench.enqueue(150, from: ids.count, lane: lane)
            }
            ids += try await bench.enqueue(50, from: ids.count, start: .after(.milliseconds(20)))
            let numbered = Array(ids.enumerated()).shuffled()
            let canceled = Locked<Set<Int>>([])
            try await running(worker) {
                await withTaskGroup { group in
                    for share in 0..<4 {
                        group.addTask {
                            for (place, (number, id)) in numbered.enumerated() where place % 4 == share {
                                if (try? await cancel(id, in: bench)) == .canceled {
                                    canceled.update { _ = $0.insert(number) }
                                }
                            }
                        }
                    }
                }
                try await eventually("all have ended") { try await bench.isEmpty() }
            }
            for number in ids.indices {
                let ran = runs[number].count
                #expect(ran == (canceled.value.contains(number) ? 0 : 1), "number \(number) ran \(ran) times")
            }
            let events = try await bench.events()
            #expect(events.count { $0 == "canceled" } == canceled.value.count)
            #expect(events.count { $0 == "succeeded" } == runs.total)
            #expect(!canceled.value.isEmpty)
            #expect(runs.total > 0)
        }
    }
}
