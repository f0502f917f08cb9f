import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Many jobs in one call, calls that were cut off, and ticks.
@Suite struct BatchTests {
    @Test func thousandsOfJobsGoToTheirQueuesAndLanesAndEachHasItsAnswer() async throws {
        try await withBench { bench in
            let queues = [JobQueue("a"), JobQueue("b", isTracked: false)]
            let jobs = try (0..<5000).map { number in
                try NewJob(
                    Note(number: number), queue: queues[number % 2], lane: Lane.allCases[number % 3],
                    start: number.isMultiple(of: 7) ? .after(.seconds(60)) : .now)
            }
            let results = await bench.client.enqueue(jobs)
            #expect(try results.map { try $0.get().id } == jobs.map(\.id))
            #expect(try results.allSatisfy { try !$0.get().isDuplicate })
            for (place, queue) in queues.enumerated() {
                let mine = jobs.indices.filter { $0 % 2 == place }
                let later = mine.filter { $0.isMultiple(of: 7) }.map { "\(jobs[$0].id)" }
                let waiting = try await bench.redis.ask("ZRANGE", bench.keys.scheduled(queue.name), "0", "-1").array
                #expect(Set(waiting?.compactMap(\.string) ?? []) == Set(later))
                for (number, lane) in Lane.allCases.enumerated() {
                    let expected = mine.filter { $0 % 3 == number && !$0.isMultiple(of: 7) }.map { "\(jobs[$0].id)" }
                    let entries = try await bench.entries(bench.keys.stream(queue.name, lane))
                    #expect(entries.compactMap { $0["id"] } == expected, "in the order given")
                }
            }
        }
    }

    @Test func noCallIsLargerThanTheServerCanTakeWell() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            func calls(for jobs: [NewJob]) async throws -> Int {
                try await bench.redis.ask("CONFIG", "RESETSTAT")
                for result in await bench.client.enqueue(jobs) { _ = try result.get() }
                let stats = try await bench.redis.ask("INFO", "commandstats").string ?? ""
                return try #require(stats.firstMatch(of: /cmdstat_evalsha:calls=(\d+)/).flatMap { Int($0.1) })
            }
            _ = try await calls(for: bench.notes(1))  // the server is given the script
            #expect(try await calls(for: bench.notes(500, from: 1)) == 1)
            #expect(try await calls(for: bench.notes(1200, from: 1000)) == 3)
            let heavy = (0..<5).map { _ in
                NewJob(queue: bench.queue, kind: "raw", payload: ByteBuffer(repeating: 48, count: 1_500_000))
            }
            #expect(try await calls(for: heavy) == 3, "two of them are 3 MB, three are more than 4")
            let huge = NewJob(queue: bench.queue, kind: "raw", payload: ByteBuffer(repeating: 48, count: 6_000_000))
            #expect(try await calls(for: [huge]) == 1, "one alone may be larger")
        }
    }

    @Test func anEmptyBatchHasNoAnswers() async throws {
        try await withBench { bench in
            let results = await bench.client.enqueue([])
            #expect(results.isEmpty)
        }
    }

    /// The call lies in the frozen server's socket and runs when it thaws, and so does its repetition.
    @Test func aCallThatWasCutOffAndRepeatedAnswersNoFalseDuplicate() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server, commandTimeout: .seconds(2)) { bench in
            let client = JobClient(store: JobStore(bench.store), patience: .seconds(20))
            let old = try NewJob(
                Note(number: 0), queue: bench.queue, unique: .init("k", for: .seconds(3600)))
            _ = await client.enqueue([old])
            var jobs = try bench.notes(3, from: 1)
            jobs.append(
                try NewJob(Note(number: 9), queue: bench.queue, unique: .init("k", for: .seconds(3600))))
            server.freeze()
            let batch = jobs
            let call = Task { await client.enqueue(batch) }
            // The first call has timed out once the connection on which it lay is known to be lost.
            await #expect(throws: RedisError.self) { try await bench.redis.ask("PING") }
            await #expect(throws: RedisError.self) { try await bench.redis.ask("PING") }
            server.thaw()
            let receipts = try await call.value.map { try $0.get() }
            #expect(receipts.map(\.isDuplicate) == [false, false, false, true])
            #expect(receipts.map(\.id) == batch.prefix(3).map(\.id) + [old.id], "a true duplicate is one still")
            #expect(try await bench.length() == 4)
        }
    }

    // MARK: Ticks

    private func tick(_ at: Int64, of schedule: String = "nightly", in bench: Bench) throws -> NewJob {
        var job = try NewJob(Note(number: 0), queue: bench.queue)
        job.tick = NewJob.Tick(schedule: schedule, at: at)
        return job
    }

    private func isTaken(_ at: Int64, of schedule: String = "nightly", in bench: Bench) async throws -> Bool {
        let job = try tick(at, of: schedule, in: bench)
        return try await bench.store.enqueue([job], to: bench.queue, lane: .normal, limits: .none).exceptions.isEmpty
    }

    /// Trap: duplicate cron. However many workers stand there at the tick, it is one job.
    @Test(arguments: [true, false])
    func aTickIsOneJobHoweverManyEnqueueIt(tracked: Bool) async throws {
        try await withBench(tracked: tracked) { bench in
            let server = try await PrivateRedis.shared()
            let taken = try await withThrowingTaskGroup(of: Int.self) { workers in
                for _ in 0..<5 {
                    workers.addTask {
                        try await withClient(server.configuration) { redis in
                            let store = RedisStore(redis: redis, keys: bench.keys)
                            var taken = 0
                            for at in stride(from: 1000 as Int64, through: 10_000, by: 1000) {
                                let reply = try await store.enqueue(
                                    [tick(at, in: bench)], to: bench.queue, lane: .normal, limits: .none)
                                if reply.exceptions.isEmpty { taken += 1 }
                            }
                            return taken
                        }
                    }
                }
                return try await workers.reduce(0, +)
            }
            // Whoever is ahead makes the ticks that lie behind worthless; none is enqueued twice.
            #expect((1...10).contains(taken))
            #expect(try await bench.length() == Int64(taken))
            #expect(try await bench.store.lastTick(of: "nightly", first: 0) == 10_000)
        }
    }

    @Test func onlyALaterTickIsTakenAndEachScheduleHasItsOwn() async throws {
        try await withBench { (bench: Bench) async throws in
            #expect(try await isTaken(5000, in: bench))
            #expect(try await !isTaken(5000, in: bench))
            #expect(try await !isTaken(4999, in: bench))
            #expect(try await isTaken(5000, of: "hourly", in: bench))
            #expect(try await isTaken(5001, in: bench))
            #expect(try await bench.length() == 3)
        }
    }

    @Test func aScheduleBeginsWhereItIsTold() async throws {
        try await withBench { (bench: Bench) async throws in
            #expect(try await bench.store.lastTick(of: "nightly", first: 7000) == 7000)
            #expect(try await bench.store.lastTick(of: "nightly", first: 9000) == 7000, "the first word counts")
            #expect(try await !isTaken(7000, in: bench))
            #expect(try await isTaken(8000, in: bench))
            #expect(try await bench.store.lastTick(of: "nightly", first: 0) == 8000)
        }
    }

    @Test func aTickThatFoundNoRoomIsNotLost() async throws {
        try await withBench { bench in
            let full = QueueLimits(maximumDepth: 0)
            let job = try tick(5000, in: bench)
            let reply = try await bench.store.enqueue([job], to: bench.queue, lane: .normal, limits: full)
            #expect(reply.exceptions.count == 1)
            #expect(try await isTaken(5000, in: bench))
        }
    }
}
