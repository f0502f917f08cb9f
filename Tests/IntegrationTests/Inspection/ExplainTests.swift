import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Where a job is and why it does not run, found out on a live server.
@Suite struct ExplainTests {
    private func explain(_ id: JobID, in bench: Bench) async throws -> JobExplanation {
        try await QueueInspector(redis: bench.redis, keys: bench.keys).explain(id)
    }

    @Test(arguments: Lane.allCases)
    func aJobIsFollowedFromItsQueueToItsEnd(lane: Lane) async throws {
        try await withBench { bench in
            let id = try await bench.enqueue(1, lane: lane)[0]
            let waiting = try await explain(id, in: bench)
            #expect(waiting.state == .waiting)
            #expect((waiting.queue, waiting.lane, waiting.kind, waiting.ahead) == ("work", lane, "note", 0))
            #expect(waiting.obstacles == [.noWorker])

            let held = try await bench.deliver(1, to: "a", lane: lane)[0]
            let running = try await explain(id, in: bench)
            #expect(running.state == .running)
            #expect((running.consumer, running.deliveries, running.isWorkerAlive) == ("a", 1, false))

            _ = try await bench.settle([(held, .retry(after: .seconds(60)))], by: "a")
            let retrying = try await explain(id, in: bench)
            #expect(retrying.state == .retrying)
            #expect((retrying.attempt, retrying.error, retrying.consumer) == (2, "busy", "a"))
            let due = try #require(retrying.until?.milliseconds)
            #expect(try await (1...60_000).contains(due - bench.redis.now()))

            try await bench.makeDue([id])
            #expect(try await bench.promote().moved == 1)
            #expect(try await explain(id, in: bench).state == .waiting)
            _ = try await bench.settle([(bench.deliver(1, to: "b", lane: lane)[0], .done(result: "7"))], by: "b")
            let done = try await explain(id, in: bench)
            #expect(done.state == .succeeded)
            #expect((done.result, done.attempt, done.consumer, done.error) == ("7", 2, "b", nil))
        }
    }

    @Test(arguments: [
        (Settlement.Verb.snooze(for: .seconds(60)), JobExplanation.State.snoozed), (.park(for: .seconds(60)), .parked),
        (.dead(), .dead), (.unknown, .unknown), (.expired(error: "late"), .expired),
        (.release(isUntouched: true), .waiting),
    ])
    func howeverADeliveryEndsItIsTold(verb: Settlement.Verb, state: JobExplanation.State) async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            _ = try await bench.settle([(job, verb)], by: "a")
            #expect(try await explain(job.job, in: bench).state == state)
        }
    }

    @Test func whatIsForLaterSaysWhen() async throws {
        try await withBench { bench in
            let id = try await bench.enqueue(1, start: .after(.seconds(60)))[0]
            let job = try await explain(id, in: bench)
            #expect(job.state == .scheduled)
            #expect(try await (1...60_000).contains(#require(job.until?.milliseconds) - bench.redis.now()))
            #expect(try await bench.client.cancel(id) == .canceled)
            #expect(try await explain(id, in: bench).state == .canceled)
        }
    }

    // MARK: The place in line

    @Test func whatIsAheadIsCounted() async throws {
        try await withBench { bench in
            let ids = try await bench.enqueue(250)
            #expect(try await explain(ids[249], in: bench).ahead == 249, "before the first worker came")
            _ = try await bench.deliver(20, to: "a")
            for (index, ahead) in [(20, 0), (21, 1), (120, 100), (121, 101), (249, 229)] {
                let job = try await explain(ids[index], in: bench)
                #expect(job.ahead == ahead && job.state == .waiting)
            }
        }
    }

    @Test func whatWasHandedBackIsAheadOfWhatWasNot() async throws {
        try await withBench { bench in
            let ids = try await bench.enqueue(6)
            let held = try await bench.deliver(4, to: "a")
            _ = try await bench.release([held[0], held[2], held[3]], by: "a")
            for (index, ahead) in [(0, 0), (2, 1), (3, 2), (4, 3), (5, 4)] {
                let job = try await explain(ids[index], in: bench)
                #expect(job.ahead == ahead && job.state == .waiting, "number \(index)")
            }
            #expect(try await explain(ids[1], in: bench).state == .running)
        }
    }

    @Test func muchThatWasHandedBackIsCountedPageByPage() async throws {
        try await withBench { bench in
            let ids = try await bench.enqueue(1102)
            _ = try await bench.release(bench.deliver(1100, to: "a"), by: "a")
            for index in [999, 1000, 1099, 1101] {
                #expect(try await explain(ids[index], in: bench).ahead == index)
            }
        }
    }

    @Test func beyondTheBoundNothingIsCounted() async throws {
        try await withBench { bench in
            var jobs = try bench.notes(JobFacts.countingEnds + 300)
            let ids = jobs.map(\.id)
            // Without a record they are quickly there; only the last is asked for.
            let last = jobs.removeLast()
            for start in stride(from: 0, to: jobs.count, by: 1000) {
                let script =
                    "for i = 1, \(min(1000, jobs.count - start)) do "
                    + "redis.call('XADD', KEYS[1], '*', 'id', 'x') end"
                try await bench.redis.ask("EVAL", script, "1", bench.stream)
            }
            _ = try await bench.client.enqueue(last)
            let job = try await explain(try #require(ids.last), in: bench)
            #expect(job.ahead == JobFacts.countingEnds)
            #expect(job.isFurtherBack == true)
        }
    }

    @Test func whatIsMoreUrgentIsCountedApart() async throws {
        try await withBench { bench in
            try await bench.enqueue(2, lane: .high)
            try await bench.enqueue(3, from: 2)
            let id = try await bench.enqueue(1, from: 5, lane: .low)[0]
            let job = try await explain(id, in: bench)
            #expect(job.ahead == 0)
            #expect(job.summary.contains("with 5 in more urgent lanes"))
        }
    }

    // MARK: What is in the way

    @Test func aWorkerThatCouldRunItIsInNobodysWay() async throws {
        try await withBench { bench in
            try await bench.store.pause("work", true)
            let worker = bench.worker(.notes(Runs()))
            try await running(worker) {
                try await eventually("it is known") { try await bench.redis.exists(bench.keys.worker(worker.consumer)) }
                let id = try await bench.enqueue(1)[0]
                #expect(try await explain(id, in: bench).obstacles == [.paused])
                var strange = try bench.notes(1)[0]
                strange.kind = "strange"
                _ = try await bench.client.enqueue(strange)
                #expect(try await explain(strange.id, in: bench).obstacles == [.paused, .noHandler])
                try await bench.store.pause("work", false)
                try await eventually("it has run") { try await explain(id, in: bench).state == .succeeded }
                try await eventually("it is put off") { try await explain(strange.id, in: bench).state == .parked }
                #expect(try await explain(strange.id, in: bench).obstacles == [.noHandler])
            }
        }
    }

    @Test func aJobThatRunsAndOneThatWaitsForItsSlotSaySo() async throws {
        try await withBench { bench in
            let gate = Gate()
            let worker = bench.worker(
                .notes(Runs()) { _, _ in
                    try await gate.pass()
                    return .succeeded()
                }
            ) { $0.slots = 1 }
            try await running(worker) {
                let first = try await bench.enqueue(1)[0]
                try await eventually("it runs") { gate.arrived == 1 }
                let second = try await bench.enqueue(1, from: 1)[0]
                let job = try await explain(first, in: bench)
                #expect(job.state == .running)
                #expect((job.consumer, job.deliveries, job.isWorkerAlive) == (worker.consumer, 1, true))
                #expect(try #require(job.since) >= #require(job.enqueuedAt))
                let waiting = try await explain(second, in: bench)
                #expect(waiting.obstacles == [.slotsBusy])
                #expect(waiting.ahead == 0)
                gate.open()
            }
        }
    }

    // MARK: Gone

    @Test func whatSomebodyDeletedIsLost() async throws {
        try await withBench { bench in
            let ids = try await bench.enqueue(1) + bench.enqueue(1, from: 1, start: .after(.seconds(60)))
            try await bench.redis.ask("DEL", bench.stream, bench.keys.scheduled("work"))
            for id in ids { #expect(try await explain(id, in: bench).state == .lost) }
        }
    }

    @Test func aDroppedLetterIsStillADeadJob() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            _ = try await bench.settle([(job, .dead())], by: "a")
            let letters = try await bench.store.deadLetters(of: "work", after: nil, limit: 1)
            #expect(try await explain(job.job, in: bench).deadLetter == letters.first.map { "\($0.id)" })
            _ = try await bench.store.drop(letters, of: "work")
            let dropped = try await explain(job.job, in: bench)
            #expect(dropped.state == .dead)
            #expect(dropped.deadLetter == nil)
        }
    }

    @Test func ofAnUntrackedJobNothingIsKnownButWhileItIsDelayed() async throws {
        try await withBench(tracked: false) { bench in
            let now = try await bench.enqueue(1)[0]
            #expect(try await explain(now, in: bench).state == .notFound)
            let later = try await bench.enqueue(1, from: 1, start: .after(.seconds(60)))[0]
            #expect(try await explain(later, in: bench).state == .scheduled)
        }
    }

    /// Asked again and again while it moves, a job is never said to be lost.
    @Test func aJobThatMovesIsNeverLost() async throws {
        try await withBench { bench in
            let worker = bench.worker(
                .notes(Runs(), policy: RetryPolicy(backoff: .schedule([.zero]), maximumAttempts: 5)) { _, attempt in
                    attempt.number < 5 ? .retry(error: "again") : .succeeded()
                })
            let id = try await bench.enqueue(1)[0]
            try await running(worker) {
                try await eventually("it has ended") {
                    let state = try await explain(id, in: bench).state
                    #expect(state != .lost && state != .notFound)
                    return state == .succeeded
                }
            }
        }
    }
}
