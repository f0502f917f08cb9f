import Redis
import ServiceLifecycle
import TestSupport
import Testing

@testable import JobRuntime

@Suite struct JobClientTests {
    private func note(_ number: Int, in bench: Bench) throws -> NewJob {
        try NewJob(Note(number: number), queue: bench.queue)
    }

    @Test func concurrentEnqueuesAreAllThereEachUnderItsOwnID() async throws {
        try await withBench { bench in
            let before = try await bench.redis.now()
            let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
                for number in 0..<500 { group.addTask { try await bench.client.enqueue(note(number, in: bench)) } }
                return try await group.reduce(into: [Receipt]()) { $0.append($1) }
            }
            let after = try await bench.redis.now()
            let entries = try await bench.entries(bench.stream)
            #expect(Set(entries.compactMap { $0["id"] }) == Set(receipts.map { "\($0.id)" }))
            #expect(Set(entries.compactMap { $0["payload"] }).count == 500)
            #expect(receipts.allSatisfy { (before...after).contains($0.enqueuedAt) })
        }
    }

    @Test func aClientThatIsNotRunEnqueuesAllTheSameAndOneThatWasStoppedDoesNot() async throws {
        try await withBench { bench in
            let client = JobClient(store: JobStore(bench.store))
            let receipt = try await client.enqueue(note(0, in: bench))
            #expect(try await bench.client.record(of: receipt.id)?.state == .queued)
            let running = Task { await client.run() }
            running.cancel()
            await running.value
            let late = try note(1, in: bench)
            #expect(await client.isUnavailable(for: late))
            #expect(try await bench.length() == 1)
        }
    }

    @Test func oneBatchMayGoToSeveralQueues() async throws {
        try await withBench { bench in
            let queues = (0..<3).map { JobQueue("queue-\($0)", isTracked: $0 != 1) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<90 {
                    group.addTask {
                        _ = try await bench.client.enqueue(NewJob(Note(number: number), queue: queues[number % 3]))
                    }
                }
                try await group.waitForAll()
            }
            for (place, queue) in queues.enumerated() {
                let payloads = try await bench.entries(bench.keys.stream(queue.name)).compactMap { $0["payload"] }
                #expect(Set(payloads) == Set((0..<30).map { "{\"number\":\($0 * 3 + place)}" }))
            }
        }
    }

    @Test func whileRedisIsDownItSaysSoAtOnceAndNothingIsThereAfterwards() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            await server.kill()
            try await eventually("it is known to be down") {
                try await bench.client.isUnavailable(for: note(0, in: bench))
            }
            let lost = try note(1, in: bench)
            #expect(await bench.client.isUnavailable(for: lost))
            try await server.start()
            try await eventually("it is back") { (try? await bench.redis.ask("PING")) != nil }
            #expect(try await bench.client.record(of: lost.id) == nil)
            _ = try await bench.client.enqueue(lost)
            #expect(try await bench.entries(bench.stream).count { $0["id"] == "\(lost.id)" } == 1)
        }
    }

    /// The command lies in the frozen server's socket and runs when it thaws, whatever has been said meanwhile.
    @Test func whileRedisIsFrozenItIsUncertainAndTheSameCallAgainMakesNoDuplicate() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server, commandTimeout: .seconds(1)) { bench in
            let job = try note(1, in: bench)
            _ = try await bench.client.enqueue(note(0, in: bench))
            server.freeze()
            let error = await bench.client.failure(of: job)
            server.thaw()
            guard case .uncertain(job.id, let message) = error else {
                Issue.record("not uncertain: \(String(describing: error))")
                return
            }
            #expect(message.contains("timedOut"))
            try await eventually("it is back") { (try? await bench.redis.ask("PING")) != nil }
            _ = try await bench.client.enqueue(job)
            try await eventually("the server has read all") { try await bench.client.record(of: job.id) != nil }
            #expect(try await bench.entries(bench.stream).count { $0["id"] == "\(job.id)" } == 1)
            #expect(try await bench.length() == 2)
        }
    }

    @Test func aFreezeShorterThanTheTimeoutIsNotNoticed() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server, commandTimeout: .seconds(30)) { bench in
            server.freeze()
            let enqueues = try (0..<20).map { number in
                let job = try note(number, in: bench)
                return Task { try await bench.client.enqueue(job).id }
            }
            server.thaw()
            var ids: Set<String> = []
            for enqueue in enqueues { ids.insert("\(try await enqueue.value)") }
            #expect(try await Set(bench.entries(bench.stream).compactMap { $0["id"] }) == ids)
            #expect(try await bench.length() == 20)
        }
    }

    @Test func aClientThatWasStoppedRefuses() async throws {
        try await withBench { bench in
            let client = JobClient(store: JobStore(bench.store))
            let group = ServiceGroup(configuration: .init(services: [.init(service: client)], logger: .quiet))
            let service = Task { try await group.run() }
            _ = try await client.enqueue(note(0, in: bench))
            await group.triggerGracefulShutdown()
            try await service.value
            #expect(try await client.isUnavailable(for: note(1, in: bench)))
            #expect(try await bench.length() == 1)
        }
    }
}

extension JobClient {
    /// The error of an enqueue; nil when it succeeds.
    fileprivate func failure(of job: NewJob) async -> EnqueueError? {
        do {
            _ = try await enqueue(job)
            return nil
        } catch {
            return error
        }
    }

    fileprivate func isUnavailable(for job: NewJob) async -> Bool {
        if case .unavailable = await failure(of: job) { true } else { false }
    }
}
