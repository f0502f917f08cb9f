import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// A request that is made again, by whom and under whatever circumstances, makes one job.
@Suite(.timeLimit(.minutes(5))) struct IdempotencyTests {
    private func request(_ bench: Bench, number: Int = 0, fingerprint: String = "f") throws -> NewJob {
        var job = try bench.notes(1, from: number)[0]
        job.idempotency = .init(key: "k", fingerprint: fingerprint)
        return job
    }

    @Test func fiftyClientsAtOnceMakeOneJob() async throws {
        try await withBench(events: true) { bench in
            let server = try await PrivateRedis.shared()
            let receipts = try await withThrowingTaskGroup(of: [Receipt].self) { producers in
                for _ in 0..<2 {
                    producers.addTask {
                        try await withClient(server.configuration) { redis in
                            let store = RedisStore(redis: redis, keys: bench.keys, options: bench.store.options)
                            let client = JobClient(store: JobStore(store))
                            return try await withThrowingTaskGroup(of: Receipt.self) { calls in
                                for number in 0..<25 {
                                    let job = try request(bench, number: number)
                                    calls.addTask { try await client.enqueue(job) }
                                }
                                return try await calls.reduce(into: []) { $0.append($1) }
                            }
                        }
                    }
                }
                return try await producers.reduce(into: []) { $0 += $1 }
            }
            #expect(receipts.count == 50)
            let first = try #require(receipts.first { !$0.isDuplicate })
            #expect(receipts.count { !$0.isDuplicate } == 1)
            #expect(receipts.allSatisfy { ($0.id, $0.enqueuedAt) == (first.id, first.enqueuedAt) })
            #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(first.id)"])
            #expect(try await bench.events() == ["accepted"])
        }
    }

    @Test func theReceiptRepeatsTheFirstAndTheKeyExpires() async throws {
        try await withBench { bench in
            let first = try await bench.client.enqueue(request(bench))
            #expect(!first.isDuplicate)
            let key = bench.keys.idempotency("k")
            let left = try #require(try await bench.redis.ask("PTTL", key).int)
            #expect((80_000_000...86_400_000).contains(left), "a day")
            let again = try await bench.client.enqueue(request(bench, number: 1))
            #expect(again == Receipt(id: first.id, enqueuedAt: first.enqueuedAt, isDuplicate: true))
            await #expect(throws: EnqueueError.conflict(first.id)) {
                try await bench.client.enqueue(request(bench, number: 2, fingerprint: "g"))
            }
            try await bench.redis.ask("PEXPIRE", key, "1")
            try await eventually("its time is over") { try await !bench.redis.exists(key) }
            #expect(try await !bench.client.enqueue(request(bench, number: 3, fingerprint: "g")).isDuplicate)
            #expect(try await bench.length() == 2)
        }
    }

    @Test func aServerAtItsMemoryLimitKnowsWhatItHasAndKeepsNoKeyOfWhatItRefuses() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            let limits = QueueLimits(maximumDepth: 1000, memory: .share(0.9))
            let client = JobClient(store: JobStore(bench.store)) { _ in limits }
            let first = try await client.enqueue(request(bench))
            try await bench.redis.ask("DEL", bench.keys.memory)
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1mb")
            #expect(try await client.enqueue(request(bench)).id == first.id)
            var other = try request(bench)
            other.idempotency?.key = "other"
            await #expect(throws: EnqueueError.self) { try await client.enqueue(other) }
            #expect(try await !bench.redis.exists(bench.keys.idempotency("other")))
        }
    }

    /// Foreign text under the key is no job: it is overwritten, and the call is whole.
    @Test func whatSomebodyElseWroteUnderTheKeyIsNoJob() async throws {
        try await withBench { bench in
            try await bench.redis.ask("SET", bench.keys.idempotency("k"), "garbage")
            let first = try await bench.client.enqueue(request(bench))
            #expect(try await bench.client.enqueue(request(bench)).id == first.id)
        }
    }

    // MARK: Calls that are cut off

    @Test(arguments: [TCPProxy.Direction.toServer, .fromServer])
    func aCallThatIsCutOffAndMadeAgainWithAnotherIDMakesOneJob(lost: TCPProxy.Direction) async throws {
        let server = try await PrivateRedis()
        let (proxy, configuration) = try await server.proxied()
        try await withBench(on: server) { bench in
            try await withClient(configuration) { redis in
                let store = RedisStore(redis: redis, keys: bench.keys)
                // The server knows the queue, and the script.
                _ = try await store.enqueue([], to: bench.queue, lane: .normal, limits: .none)
                let job = try request(bench)
                await proxy.stall([lost])
                let call = Task { await JobClient(store: JobStore(store)).enqueue([job])[0] }
                if lost == .fromServer {
                    try await eventually("it is enqueued") { try await bench.length() == 1 }
                }
                // Whoever asked has gone: the client repeats nothing.
                call.cancel()
                if case .success = await call.value { Issue.record("nobody has said so") }
                await proxy.cut()
                await proxy.resume()
                try await eventually("it is enqueued, by whichever call") {
                    let again = await bench.client.enqueue([try request(bench, number: 1)])[0]
                    return (try? again.get()) != nil
                }
                let receipt = try await bench.client.enqueue(request(bench, number: 2))
                #expect(receipt.isDuplicate)
                #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(receipt.id)"])
                if lost == .fromServer { #expect(receipt.id == job.id) }
            }
        }
    }

    /// The client's own repetition finds the job that its first call has enqueued: no duplicate, and of the first moment.
    @Test func whatTheClientRepeatsIsNoDuplicate() async throws {
        let server = try await PrivateRedis()
        let (proxy, configuration) = try await server.proxied()
        try await withBench(on: server) { bench in
            try await withClient(configuration) { redis in
                let store = RedisStore(redis: redis, keys: bench.keys)
                // The server knows the queue, and the script.
                _ = try await store.enqueue([], to: bench.queue, lane: .normal, limits: .none)
                let job = try request(bench)
                await proxy.stall([.fromServer])
                let call = Task { try await JobClient(store: JobStore(store)).enqueue(job) }
                try await eventually("it is enqueued") { try await bench.length() == 1 }
                let enqueued = try #require(try await bench.client.record(of: job.id)?.enqueuedAt)
                try await eventually("time goes on") { try await bench.redis.now() > enqueued }
                await proxy.cut()
                await proxy.resume()
                #expect(try await call.value == Receipt(id: job.id, enqueuedAt: enqueued))
                let again = try await bench.client.enqueue(request(bench, number: 1))
                #expect(again == Receipt(id: job.id, enqueuedAt: enqueued, isDuplicate: true))
            }
        }
    }
}
