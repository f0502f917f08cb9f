import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// When a queue takes no more.
@Suite struct LimitsTests {
    /// - Returns: why the job was refused; nil when it was taken.
    private func refusal(
        of number: Int, _ limits: QueueLimits, start: NewJob.Start = .now, in bench: Bench
    ) async throws -> String? {
        let jobs = try bench.notes(1, from: number, start: start)
        let reply = try await bench.store.enqueue(jobs[...], to: bench.queue, lane: .normal, limits: limits)
        guard case .full(let reason) = reply.exceptions[0] else { return nil }
        #expect(try await !bench.redis.exists(bench.keys.record(jobs[0].id)), "nothing of it is there")
        return reason
    }

    @Test func theDepthIsExactAmongManyProducers() async throws {
        try await withBench { bench in
            let server = try await PrivateRedis.shared()
            let limits = QueueLimits(maximumDepth: 100)
            let taken = try await withThrowingTaskGroup(of: Int.self) { producers in
                for producer in 0..<8 {
                    producers.addTask {
                        try await withClient(server.configuration) { redis in
                            let store = RedisStore(redis: redis, keys: bench.keys)
                            var taken = 0
                            for round in 0..<10 {
                                let lane = Lane.allCases[(producer + round) % 3]
                                let jobs = try bench.notes(3, from: producer * 100 + round * 3, lane: lane)
                                let reply = try await store.enqueue(
                                    jobs[...], to: bench.queue, lane: lane, limits: limits)
                                taken += 3 - reply.exceptions.count
                            }
                            return taken
                        }
                    }
                }
                return try await producers.reduce(0, +)
            }
            #expect(taken == 100)
            var depth: Int64 = 0
            for lane in Lane.allCases { depth += try await bench.length(lane) }
            #expect(depth == 100)
        }
    }

    @Test func eachJobOfABatchIsToldForItself() async throws {
        try await withBench { bench in
            try await bench.enqueue(3)
            let client = JobClient(store: JobStore(bench.store)) { _ in QueueLimits(maximumDepth: 5) }
            var jobs = try bench.notes(5, from: 10)
            jobs.insert(try bench.notes(1, from: 20, start: .after(.seconds(60)))[0], at: 4)
            let results = await client.enqueue(jobs)
            let reason = "the queue holds 5 jobs, its limit"
            #expect(results.map { (try? $0.get()) != nil } == [true, true, false, false, true, false])
            for number in [2, 3, 5] { #expect(results[number] == .failure(.full(reason))) }
            #expect(try await bench.length() == 5)
            #expect(try await bench.scheduledCount() == 1, "one for later does not stand in the stream")
        }
    }

    @Test func whatRunsCountsUntilItIsDone() async throws {
        try await withBench { bench in
            let limits = QueueLimits(maximumDepth: 2)
            let jobs = try await bench.delivered(2, to: "a")
            #expect(try await refusal(of: 5, limits, in: bench) != nil)
            _ = try await bench.settle([(jobs[0], .done)], by: "a")
            #expect(try await refusal(of: 6, limits, in: bench) == nil)
        }
    }

    @Test func aDuplicateIsADuplicateHoweverFullItIs() async throws {
        try await withBench { bench in
            let job = try bench.notes(1)[0]
            _ = try await bench.client.enqueue(job)
            let limits = QueueLimits(maximumDepth: 1, memory: .bytes(2))
            let reply = try await bench.store.enqueue([job], to: bench.queue, lane: .normal, limits: limits)
            #expect(reply.exceptions == [0: .duplicate(job.id)])
        }
    }

    // MARK: The ledger's backlog

    @Test func asLongAsTheLedgerIsTooFarBehindNothingIsTaken() async throws {
        try await withBench(events: true) { (bench: Bench) async throws in
            let limits = QueueLimits(maximumBacklog: 3)
            let jobs = try bench.notes(3)
            try await bench.enqueue(2, from: 10)
            let reply = try await bench.store.enqueue(jobs[...], to: bench.queue, lane: .normal, limits: limits)
            let full = EnqueueReply.Exception.full("the ledger is 3 events behind, its mark is 3")
            #expect(reply.exceptions == [1: full, 2: full], "what is taken counts at once")
            let later = try await refusal(of: 4, limits, start: .after(.seconds(60)), in: bench)
            #expect(later == "the ledger is 3 events behind, its mark is 3")
            let again = try await bench.store.enqueue(jobs[..<1], to: bench.queue, lane: .normal, limits: limits)
            #expect(again.exceptions == [0: .duplicate(jobs[0].id)])

            try await bench.redis.ask("XTRIM", bench.keys.events, "MAXLEN", "2")
            #expect(try await refusal(of: 5, limits, in: bench) == nil, "the ledger has caught up")
        }
    }

    @Test(arguments: [true, false])
    func whereNothingIsToldTheBacklogIsNotLookedAt(tracked: Bool) async throws {
        try await withBench(tracked: tracked, events: !tracked) { (bench: Bench) async throws in
            try await bench.redis.ask("XADD", bench.keys.events, "*", "type", "left")
            #expect(try await refusal(of: 1, QueueLimits(maximumBacklog: 0), in: bench) == nil)
        }
    }

    // MARK: Memory

    @Test(arguments: [NewJob.Start.now, .after(.seconds(60))])
    func aboveTheMarkNothingIsTakenAndTheReasonIsTold(start: NewJob.Start) async throws {
        try await withBench { (bench: Bench) async throws in
            let reason = try #require(
                try await refusal(of: 1, QueueLimits(memory: .bytes(1000)), start: start, in: bench))
            #expect(try /^redis uses \d+ MB of memory, the mark is 0 MB$/.wholeMatch(in: reason) != nil, "\(reason)")
            #expect(try await bench.length() + bench.scheduledCount() == 0)
        }
    }

    @Test func belowTheMarkItIs() async throws {
        try await withBench { (bench: Bench) async throws in
            #expect(try await refusal(of: 1, QueueLimits(memory: .bytes(1 << 50)), in: bench) == nil)
        }
    }

    /// The queues share what was found of the server, and not what that means for one of them.
    @Test func eachQueueHasAMarkOfItsOwn() async throws {
        try await withBench { (bench: Bench) async throws in
            for _ in 0..<3 {
                #expect(try await refusal(of: 1, QueueLimits(memory: .bytes(1000)), in: bench) != nil)
                #expect(try await refusal(of: 2, QueueLimits(memory: .bytes(1 << 50)), in: bench) == nil)
            }
        }
    }

    @Test func aShareIsOfTheServersOwnLimitAndItRecovers() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            let limits = QueueLimits(memory: .share(0.5))
            #expect(try await refusal(of: 0, limits, in: bench) == nil, "where there is no limit there is no mark")
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1gb")
            try await eventually("the server is asked again") {
                try await bench.redis.ask("DEL", bench.keys.memory)
                return try await refusal(of: 1, limits, in: bench) == nil
            }
            let used = try await bench.redis.ask("INFO", "memory").string ?? ""
            let bytes = try #require(used.firstMatch(of: /used_memory:(\d+)/).flatMap { Int($0.1) })
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "\(bytes * 3 / 2)")
            try await eventually("half of it is used") { try await refusal(of: 2, limits, in: bench) != nil }
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1gb")
            try await eventually("it is taken again") { try await refusal(of: 3, limits, in: bench) == nil }
        }
    }

    /// Also where the queue has a mark of its own, for which the server's memory is noted down.
    @Test(arguments: [QueueLimits.none, QueueLimits(memory: .bytes(1 << 50))])
    func aServerThatRefusesByItselfIsFullAndNothingIsThere(limits: QueueLimits) async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            let client = JobClient(store: JobStore(bench.store)) { _ in limits }
            let first = try bench.notes(1)[0]
            _ = try await client.enqueue(first)
            try await bench.redis.ask("DEL", bench.keys.memory)
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1mb")
            let job = try bench.notes(1, from: 1)[0]
            let later = try bench.notes(1, from: 2, start: .after(.seconds(60)))[0]
            let results = await client.enqueue([job, first, later])
            #expect(results[0] == .failure(EnqueueError.full("redis is at maxmemory")))
            #expect(try results[1].get().isDuplicate, "what was accepted is answered so")
            #expect(results[2] == results[0])
            for id in [job.id, later.id] { #expect(try await !bench.redis.exists(bench.keys.record(id))) }
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "0")
            #expect(try await !bench.client.enqueue(job).isDuplicate)
        }
    }
}
