import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// A key that only one job at a time may have.
@Suite struct UniqueTests {
    private func note(
        _ scope: NewJob.Unique.Scope, number: Int = 0, key: String = "k", for time: Duration = .seconds(3600),
        start: NewJob.Start = .now, in bench: Bench
    ) throws -> NewJob {
        try NewJob(
            Note(number: number), queue: bench.queue, start: start, unique: .init(key, for: time, scope: scope))
    }

    /// Enqueues a second job with the key.
    ///
    /// - Returns: whether the first one kept it out.
    private func isHeld(by first: JobID, _ scope: NewJob.Unique.Scope, in bench: Bench) async throws -> Bool {
        let job = try note(scope, number: 9, in: bench)
        let before = try await bench.length() + bench.scheduledCount()
        let receipt = try await bench.client.enqueue(job)
        #expect(receipt.id == (receipt.isDuplicate ? first : job.id))
        let added = try await bench.length() + bench.scheduledCount() - before
        #expect(added == (receipt.isDuplicate ? 0 : 1))
        #expect(try await bench.redis.exists(bench.keys.record(job.id)) == !receipt.isDuplicate)
        return receipt.isDuplicate
    }

    @Test(arguments: [NewJob.Unique.Scope.time, .unfinished], [NewJob.Start.now, .after(.seconds(60))])
    func theFirstKeepsTheSecondOutAndIsNamed(scope: NewJob.Unique.Scope, start: NewJob.Start) async throws {
        try await withBench(events: true) { bench in
            let first = try await bench.client.enqueue(note(scope, start: start, in: bench))
            #expect(!first.isDuplicate)
            #expect(try await isHeld(by: first.id, scope, in: bench))
            #expect(try await bench.events().count == 1, "nothing is told of what was not enqueued")
            let other = try await bench.client.enqueue(note(scope, key: "another", in: bench))
            #expect(!other.isDuplicate)
        }
    }

    @Test func aKeyIsItsQueuesOwn() async throws {
        try await withBench { bench in
            _ = try await bench.client.enqueue(note(.time, in: bench))
            let elsewhere = try NewJob(
                Note(number: 1), queue: JobQueue("other"), unique: .init("k", for: .seconds(3600)))
            #expect(try await !bench.client.enqueue(elsewhere).isDuplicate)
        }
    }

    @Test func ofTwoInOneCallTheFirstIsEnqueued() async throws {
        try await withBench { bench in
            let jobs = try (0..<3).map { try note(.unfinished, number: $0, in: bench) }
            let receipts = try await bench.client.enqueue(jobs).map { try $0.get() }
            #expect(receipts.map(\.isDuplicate) == [false, true, true])
            #expect(receipts.map(\.id) == Array(repeating: jobs[0].id, count: 3))
            #expect(try await bench.length() == 1)
        }
    }

    @Test func manyProducersAtOnceEnqueueOne() async throws {
        try await withBench { bench in
            let server = try await PrivateRedis.shared()
            let receipts = try await withThrowingTaskGroup(of: [EnqueueReply].self) { producers in
                for _ in 0..<6 {
                    producers.addTask {
                        try await withClient(server.configuration) { redis in
                            let store = RedisStore(redis: redis, keys: bench.keys)
                            return try await withThrowingTaskGroup(of: EnqueueReply.self) { calls in
                                for number in 0..<20 {
                                    let job = try note(.unfinished, number: number, in: bench)
                                    calls.addTask {
                                        try await store.enqueue([job], to: bench.queue, lane: .normal, limits: .none)
                                    }
                                }
                                return try await calls.reduce(into: []) { $0.append($1) }
                            }
                        }
                    }
                }
                return try await producers.reduce(into: []) { $0 += $1 }
            }
            #expect(receipts.count == 120)
            #expect(receipts.count { $0.exceptions.isEmpty } == 1)
            let winner = try #require(try await bench.entries(bench.stream).first?["id"].flatMap { JobID($0) })
            #expect(try await bench.length() == 1)
            #expect(
                receipts.filter { !$0.exceptions.isEmpty }.allSatisfy { $0.exceptions == [0: .duplicate(winner)] })
        }
    }

    // MARK: For a time

    @Test func forItsTimeItHoldsWhateverBecameOfTheJob() async throws {
        try await withBench { bench in
            let job = try note(.time, in: bench)
            _ = try await bench.client.enqueue(job)
            let delivered = try await bench.deliver(1, to: "a")[0]
            _ = try await bench.settle([(delivered, .done)], by: "a")
            #expect(try await isHeld(by: job.id, .time, in: bench))
            try await bench.redis.ask("DEL", bench.keys.record(job.id))
            #expect(try await isHeld(by: job.id, .time, in: bench))
        }
    }

    @Test(arguments: [NewJob.Unique.Scope.time, .unfinished])
    func whenItsTimeIsOverTheNextIsTheHolder(scope: NewJob.Unique.Scope) async throws {
        try await withBench { bench in
            let first = try note(scope, for: .seconds(3600), in: bench)
            _ = try await bench.client.enqueue(first)
            let key = bench.keys.unique("work", "k")
            let left = try #require(try await bench.redis.ask("PTTL", key).int)
            #expect((3_000_000...3_600_000).contains(left))
            try await bench.redis.ask("PEXPIRE", key, "1")
            try await eventually("its time is over") { try await !bench.redis.exists(key) }
            let second = try note(scope, number: 1, in: bench)
            #expect(try await !bench.client.enqueue(second).isDuplicate)
            #expect(try await isHeld(by: second.id, scope, in: bench))
        }
    }

    /// A time that no server would take must not end the call halfway.
    @Test(arguments: [Duration.seconds(Int64.max), .zero, .seconds(-1)])
    func anyTimeIsTaken(time: Duration) async throws {
        try await withBench { bench in
            let receipt = try await bench.client.enqueue(note(.time, for: time, in: bench))
            #expect(!receipt.isDuplicate)
        }
    }

    // MARK: Until the job has ended

    @Test func itIsHeldAsLongAsTheJobHasNotEnded() async throws {
        let verbs: [Settlement.Verb] = [
            .retry(after: .seconds(60)), .snooze(for: .seconds(60)), .park(for: .seconds(60)), .unknown,
        ]
        for verb in verbs {
            try await withBench { bench in
                let job = try note(.unfinished, in: bench)
                _ = try await bench.client.enqueue(job)
                #expect(try await isHeld(by: job.id, .unfinished, in: bench), "queued")
                let delivered = try await bench.deliver(1, to: "a")[0]
                #expect(try await isHeld(by: job.id, .unfinished, in: bench), "running")
                #expect(try await bench.settle([(delivered, verb)], by: "a") == [.settled])
                #expect(try await isHeld(by: job.id, .unfinished, in: bench), "\(verb)")
            }
        }
    }

    @Test func itIsFreeOnceTheJobHasEnded() async throws {
        for verb in [Settlement.Verb.done, .dead(), .expired(error: "too late")] {
            try await withBench { bench in
                let job = try note(.unfinished, in: bench)
                _ = try await bench.client.enqueue(job)
                let delivered = try await bench.deliver(1, to: "a")[0]
                #expect(try await bench.settle([(delivered, verb)], by: "a") == [.settled])
                #expect(try await !isHeld(by: job.id, .unfinished, in: bench), "\(verb)")
            }
        }
    }

    @Test func itIsFreeOnceTheJobIsCanceled() async throws {
        try await withBench { bench in
            let job = try note(.unfinished, start: .after(.seconds(60)), in: bench)
            _ = try await bench.client.enqueue(job)
            #expect(try await bench.client.cancel(job.id) == .canceled)
            #expect(try await !isHeld(by: job.id, .unfinished, in: bench))
        }
    }

    /// Trap: leaked unique locks. The holder is gone without a trace: nobody is kept out.
    @Test func aHolderOfWhichNothingIsLeftHoldsNothing() async throws {
        try await withBench { bench in
            let job = try note(.unfinished, in: bench)
            _ = try await bench.client.enqueue(job)
            try await bench.redis.ask("DEL", bench.keys.record(job.id))
            #expect(try await !isHeld(by: job.id, .unfinished, in: bench))
        }
    }

    @Test func whatIsRefusedForWantOfRoomHoldsNoKey() async throws {
        try await withBench { bench in
            let full = QueueLimits(maximumDepth: 0)
            let job = try note(.time, in: bench)
            let reply = try await bench.store.enqueue([job], to: bench.queue, lane: .normal, limits: full)
            guard case .full = reply.exceptions[0] else {
                Issue.record("not refused: \(reply)")
                return
            }
            #expect(try await !bench.redis.exists(bench.keys.unique("work", "k")))
            #expect(try await !bench.client.enqueue(note(.time, in: bench)).isDuplicate)
        }
    }
}
