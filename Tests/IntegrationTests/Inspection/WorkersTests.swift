import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Who lives, who does not, and what is taken over from whom.
@Suite struct WorkersTests {
    private func inspector(_ bench: Bench) -> QueueInspector { QueueInspector(redis: bench.redis, keys: bench.keys) }

    /// A heartbeat as a worker of any name would leave it.
    private func beat(_ consumer: String, for life: Duration = .seconds(15), in bench: Bench) async throws {
        _ = try await bench.store.beat(
            [("host", "here"), ("queues", "work"), ("slots_by_queue", "5"), ("kinds", "note,other"), ("slots", "5")],
            of: consumer, life: life)
    }

    @Test func aWorkerShowsWhatItIsAndDoes() async throws {
        try await withBench { bench in
            let gate = Gate()
            let worker = bench.worker(
                .notes(Runs()) { note, _ in
                    if note.number == 0 { try await gate.pass() }
                    return .succeeded()
                }
            ) {
                $0.slots = 7
                $0.lease = .seconds(9)
                $0.clock = LookClock(faster: 20)
            }
            try await running(worker) {
                let ids = try await bench.enqueue(3)
                var found: WorkerStatus?
                try await eventually("its heartbeat tells") {
                    found = try await inspector(bench).workers().first
                    return found?.done == 2 && found?.longest.map(\.job) == [ids[0]]
                }
                let status = try #require(found)
                #expect(status.consumer == worker.consumer)
                #expect(status.isAlive)
                #expect((status.pending, status.running, status.slots) == (1, 1, 7))
                #expect(status.queues == [.init("work", slots: 7)])
                #expect((status.kinds, status.lease) == (["note"], 9000))
                #expect(status.reads("work") && !status.reads("other"))
                let now = Moment(try await bench.redis.now())
                #expect(
                    try #require(status.seenAt) <= now && now < Moment(#require(status.seenAt).milliseconds + 15_000))
                gate.open()
            }
            #expect(try await inspector(bench).workers().isEmpty, "it has left")
        }
    }

    @Test func theSilentAreNamedAsLongAsTheyHoldSomething() async throws {
        try await withBench { bench in
            _ = try await bench.delivered(3, to: "silent")
            _ = try await bench.delivered(2, to: "living", lane: .high)
            _ = try await bench.delivered(1, to: "living", lane: .low)
            try await beat("living", in: bench)
            let workers = try await inspector(bench).workers()
            try #require(workers.map(\.consumer) == ["living", "silent"])
            #expect(workers.map(\.isAlive) == [true, false])
            #expect(workers.map(\.pending) == [3, 3])
            #expect(workers[0].kinds == ["note", "other"])
        }
    }

    @Test func aHeartbeatThatHasRunOutIsNone() async throws {
        try await withBench { bench in
            try await beat("brief", for: .milliseconds(1), in: bench)
            try await eventually("it has run out") { try await !bench.redis.exists(bench.keys.worker("brief")) }
            #expect(try await inspector(bench).workers().isEmpty)
        }
    }

    // MARK: Queues

    @Test func everyQueueThatWasEverUsedIsShownAndThoseAskedForFirst() async throws {
        try await withBench { bench in
            try await bench.enqueue(4)
            try await bench.enqueue(2, from: 4, lane: .high)
            let held = try await bench.deliver(3, to: "living")
            _ = try await bench.release([held[2]], by: "living")
            _ = try await bench.settle([(held[1], .retry(after: .seconds(60)))], by: "living")
            try await bench.enqueue(1, from: 6, start: .after(.seconds(90)))
            try await beat("living", in: bench)
            _ = try await bench.client.enqueue(NewJob(Note(number: 9), queue: JobQueue("bare", isTracked: false)))
            try await bench.store.pause("work", true)

            let queues = try await inspector(bench).queues(first: ["unheard of", "work"])
            try #require(queues.map(\.queue) == ["unheard of", "work", "bare"])
            let work = queues[1]
            #expect(work.isTracked && work.isPaused)
            #expect(
                work.lanes == [
                    LaneDepth(.high, depth: 2, pending: 0), LaneDepth(.normal, depth: 2, pending: 1),
                    LaneDepth(.low, depth: 0, pending: 0),
                ])
            #expect((work.depth, work.pending, work.retrying, work.scheduled, work.dead) == (4, 1, 1, 1, 0))
            #expect((work.workers, work.slots) == (1, 5))
            let now = try await bench.redis.now()
            #expect((1...60_000).contains(try #require(work.retryDue).milliseconds - now))
            #expect((60_001...90_000).contains(try #require(work.scheduledDue).milliseconds - now))
            #expect(try #require(work.oldestWaiting) >= 0)
            #expect(!queues[2].isTracked && queues[2].depth == 1 && queues[2].workers == 0)
            #expect(queues[0].depth == 0 && queues[0].oldestWaiting == nil)
        }
    }

    @Test func theOldestThatWaitsIsNotTheOneThatRuns() async throws {
        try await withBench { bench in
            try await bench.redis.ask(
                "XADD", bench.stream, "1000-0", "id", "\(JobID())", "kind", "note", "attempt", "1", "at", "1",
                "payload", "{}", "meta", "{}")
            try await bench.redis.ask("HSET", bench.keys.queues, "work", "tracked")
            #expect(try #require(try await inspector(bench).queues().first?.oldestWaiting) > 1_000_000_000)
            let oldest = try await bench.deliver(1, to: "a")
            #expect(try await inspector(bench).queues().first?.oldestWaiting == nil)
            try await bench.enqueue(1)
            #expect(try #require(try await inspector(bench).queues().first?.oldestWaiting) < 1_000_000_000)
            _ = try await bench.release(oldest, by: "a")
            #expect(try #require(try await inspector(bench).queues().first?.oldestWaiting) > 1_000_000_000)
        }
    }

    // MARK: Taking over

    @Test func whatTheSilentHoldCanBeTakenAtOnce() async throws {
        try await withBench { bench in
            let theirs = try await bench.delivered(600, to: "silent") + bench.delivered(2, to: "silent", lane: .low)
            let living = try await bench.delivered(2, to: "living")
            try await beat("living", in: bench)
            let reclamation = try await inspector(bench).reclaim("work")
            #expect(reclamation.handedBack == 602)
            #expect((reclamation.lost, reclamation.consumers) == (0, ["silent"]))
            #expect(try await bench.settle([(theirs[0], .done)], by: "silent") == [.held], "it is fenced")
            #expect(try await bench.settle([(living[0], .done)], by: "living") == [.settled])

            let taken = try await bench.reclaim(1000, by: "b", lease: .seconds(3600))
            #expect(taken.delivered.count == 602)
            #expect(Set(taken.delivered.map(\.job)) == Set(theirs.map(\.job)))
            #expect(taken.delivered.allSatisfy { $0.deliveries == 2 }, "the job may have had its effect")
        }
    }

    @Test func byForceTheIdleAreTakenFromTheLivingToo() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(3, to: "living")
            try await beat("living", in: bench)
            try await bench.claim(jobs[1].entry, by: "living", idle: 70_000)
            #expect(try await inspector(bench).reclaim("work").handedBack == 0)
            let reclamation = try await inspector(bench).reclaim("work", idleFor: .seconds(60))
            #expect((reclamation.handedBack, reclamation.consumers) == (1, ["living"]))
            let taken = try await bench.reclaim(10, by: "b", lease: .seconds(3600)).delivered
            #expect(taken.map(\.job) == [jobs[1].job])
        }
    }

    @Test func whatWasDeletedUnderThemIsLost() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(3, to: "silent")
            try await bench.redis.ask("XDEL", bench.stream, "\(jobs[1].entry.id)")
            let reclamation = try await inspector(bench).reclaim("work")
            #expect((reclamation.handedBack, reclamation.lost) == (2, 1))
            let again = try await inspector(bench).reclaim("work")
            #expect((again.handedBack, again.lost, again.consumers) == (0, 0, []))
        }
    }

    @Test func ofAQueueThatNobodyUsedNothingIsTaken() async throws {
        try await withBench { bench in
            let reclamation = try await inspector(bench).reclaim("work")
            #expect(reclamation == Reclamation(queue: "work"))
            #expect(try await !bench.redis.exists(bench.stream))
        }
    }
}
