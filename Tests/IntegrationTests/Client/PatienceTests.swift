import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Whatever Redis does, an enqueue is answered when the client's patience is at its end. Every other limit is far beyond
/// that of the tests.
@Suite(.timeLimit(.minutes(5))) struct PatienceTests {
    /// Runs a body with a client, gathering or not, whose server then hangs.
    private func withFrozen(
        gathers: Bool, replicas: Int = 0, tracked: Bool = true,
        _ body: @escaping @Sendable (JobClient, Bench) async throws -> Void
    ) async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server, tracked: tracked, commandTimeout: .seconds(600)) { bench in
            var options = RedisStoreOptions()
            (options.replicas, options.replicationTimeout) = (replicas, .seconds(600))
            let store = RedisStore(redis: bench.redis, keys: bench.keys, options: options)
            let client = JobClient(store: JobStore(store), patience: .milliseconds(400))
            try await withThrowingTaskGroup(of: Void.self) { group in
                if gathers { group.addTask { await client.run() } }
                defer { group.cancelAll() }
                try await store.register(bench.queue)
                // The server knows the script.
                _ = try await bench.store.enqueue([], to: bench.queue, lane: .normal, limits: .none)
                server.freeze()
                defer { server.thaw() }
                try await body(client, bench)
            }
        }
    }

    @Test(arguments: [true, false], [true, false])
    func whileRedisHangsItIsUncertainInTime(gathers: Bool, tracked: Bool) async throws {
        try await withFrozen(gathers: gathers, tracked: tracked) { client, bench in
            let job = try bench.notes(1)[0]
            await #expect(throws: EnqueueError.uncertain(job.id, "Redis did not answer within 0.4 seconds")) {
                try await client.enqueue(job)
            }
        }
    }

    /// Also those that wait for their turn behind a call that hangs.
    @Test func everybodyIsAnswered() async throws {
        try await withFrozen(gathers: true) { client, bench in
            let jobs = try bench.notes(2000)
            let answered = Locked(0)
            await withTaskGroup { group in
                for job in jobs {
                    group.addTask {
                        if (try? await client.enqueue(job)) == nil { answered.update { $0 += 1 } }
                    }
                }
            }
            #expect(answered.value == 2000)
        }
    }

    @Test func ofManyAtOnceTheRestAreNotSent() async throws {
        try await withFrozen(gathers: false) { client, bench in
            let results = await client.enqueue(try bench.notes(1200))
            #expect(results.count == 1200)
            let sent = results.prefix(500).count { if case .failure(.uncertain) = $0 { true } else { false } }
            let unsent = results.dropFirst(500).count { result in
                guard case .failure(.unavailable(let reason)) = result else { return false }
                return reason.hasPrefix("not sent: ")
            }
            #expect((sent, unsent) == (500, 700))
        }
    }

    @Test func whoWaitsForReplicasIsAnsweredAsWell() async throws {
        try await withFrozen(gathers: true, replicas: 1) { client, bench in
            let job = try bench.notes(1)[0]
            await #expect(throws: EnqueueError.self) { try await client.enqueue(job) }
        }
    }

    /// Where not even the queue could be made known, the job was certainly not sent.
    @Test func whatWasNotSentIsUnavailable() async throws {
        try await withFrozen(gathers: false) { client, bench in
            let job = try NewJob(Note(number: 1), queue: JobQueue("never-used"))
            await #expect(throws: EnqueueError.unavailable("Redis did not answer within 0.4 seconds")) {
                try await client.enqueue(job)
            }
        }
    }

    @Test func withTimeEnoughItIsEnqueuedWhenRedisIsBack() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server, commandTimeout: .seconds(20)) { bench in
            _ = try await bench.store.enqueue([], to: bench.queue, lane: .normal, limits: .none)
            server.freeze()
            let job = try bench.notes(1)[0]
            let call = Task { try await bench.client.enqueue(job) }
            server.thaw()
            #expect(try await !call.value.isDuplicate)
            #expect(try await bench.length() == 1)
        }
    }
}
