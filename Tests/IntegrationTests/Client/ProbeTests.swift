import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Whether jobs would be taken is told as it is.
@Suite(.timeLimit(.minutes(5))) struct ProbeTests {
    @Test func whyAQueueTakesNoMoreIsToldOfEach() async throws {
        try await withBench(events: true) { bench in
            let untracked = JobQueue("untracked", isTracked: false)
            let (ample, unlimited) = (JobQueue("ample"), JobQueue("unlimited"))
            let late = JobQueue("late"), fat = JobQueue("fat")
            let client = JobClient(store: JobStore(bench.store)) { queue in
                switch queue.name {
                case "work": QueueLimits(maximumDepth: 3)
                case "late", "untracked": QueueLimits(maximumBacklog: 3)
                case "fat": QueueLimits(memory: .bytes(1000))
                case "ample": QueueLimits(maximumDepth: 4, memory: .share(0.99), maximumBacklog: 4)
                default: .none
                }
            }
            let all = [ample, bench.queue, late, untracked, fat, unlimited]
            #expect(try await client.probe([]) == [:])
            #expect(try await Set(client.probe(all).keys) == [fat])
            for lane in Lane.allCases { try await bench.enqueue(1, lane: lane) }
            var reasons = try await client.probe(all)
            let memory = reasons.removeValue(forKey: fat)
            #expect(memory?.hasPrefix("redis uses ") == true)
            #expect(
                reasons == [
                    bench.queue: "the queue holds 3 jobs, its limit",
                    late: "the ledger is 3 events behind, its mark is 3",
                ])
        }
    }

    @Test func itIsOneRoundTripAndLeavesNothing() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            _ = try await bench.client.probe([bench.queue])
            #expect((1...1000).contains(try await bench.redis.ask("PTTL", bench.keys.probe).int ?? 0))
            try await bench.redis.ask("CONFIG", "RESETSTAT")
            _ = try await bench.client.probe([bench.queue, JobQueue("other")])
            let stats = try await bench.redis.ask("INFO", "commandstats").string ?? ""
            #expect(stats.contains("cmdstat_evalsha:calls=1,"))
            try await eventually("it is gone") { try await !bench.redis.exists(bench.keys.probe) }
        }
    }

    @Test func whatTakesNoWritesIsNotReady() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1")
            let full = await #expect(throws: StoreError.self) { try await bench.client.probe([bench.queue]) }
            #expect(full?.code == .busy)
            #expect(full?.message.contains("OOM") == true)
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "0")
            #expect(try await bench.client.probe([bench.queue]) == [:])

            try await bench.redis.ask("CONFIG", "SET", "min-replicas-to-write", "1")
            let alone = await #expect(throws: StoreError.self) { try await bench.client.probe([bench.queue]) }
            #expect(alone?.code == .busy)
            try await bench.redis.ask("CONFIG", "SET", "min-replicas-to-write", "0")

            try await bench.redis.ask("REPLICAOF", "127.0.0.1", "\(try freePort())")
            let replica = await #expect(throws: StoreError.self) { try await bench.client.probe([bench.queue]) }
            #expect(replica?.code == .busy)
            try await eventually("a ping says nothing of that") { (try? await bench.client.ping()) != nil }
        }
    }
}
