import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// A job counts as enqueued when a replica has it.
@Suite(.timeLimit(.minutes(5))) struct ReplicationTests {
    /// A primary and its replica, and the network between them.
    fileprivate struct Pair {
        let primary: PrivateRedis
        let replica: PrivateRedis
        let network: TCPProxy

        init() async throws {
            primary = try await PrivateRedis()
            network = try await TCPProxy(to: primary.port)
            replica = try await PrivateRedis(replicaOf: network.port)
        }
    }

    /// Runs a body with a queue whose jobs must be on one replica.
    private func withReplica(
        timeout: Duration = .milliseconds(100), patience: Duration = .seconds(60),
        _ body: (Pair, Bench) async throws -> Void
    ) async throws {
        let pair = try await Pair()
        try await withBench(on: pair.primary) { bench in
            try await pair.isInStep(bench)
            var options = RedisStoreOptions()
            (options.replicas, options.replicationTimeout) = (1, timeout)
            let store = RedisStore(redis: bench.redis, keys: bench.keys, options: options)
            let client = JobClient(store: JobStore(store), patience: patience)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                defer { group.cancelAll() }
                try await body(
                    pair,
                    Bench(redis: bench.redis, store: store, client: client, keys: bench.keys, queue: bench.queue))
            }
        }
    }

    /// A client that soon gives up.
    private func impatient(_ bench: Bench) -> JobClient {
        JobClient(store: JobStore(bench.store), patience: .seconds(2))
    }

    @Test func withoutTheReplicaItIsNotReady() async throws {
        try await withReplica { pair, bench in
            #expect(try await bench.client.probe([bench.queue]) == [:])
            await pair.network.stall([.fromServer])
            await #expect(throws: StoreError.self) { try await bench.client.probe([bench.queue]) }
            await pair.network.resume()
            try await eventually("it is again") { (try? await bench.client.probe([bench.queue])) == [:] }
        }
    }

    @Test func itIsNotEnqueuedBeforeTheReplicaHasIt() async throws {
        try await withReplica(timeout: .seconds(60)) { pair, bench in
            await pair.network.stall([.fromServer])
            let job = try bench.notes(1)[0]
            let isDone = Locked(false)
            let enqueue = Task {
                defer { isDone.value = true }
                return try await bench.client.enqueue(job)
            }
            try await eventually("the primary has it, and waits") {
                let isBlocked = try await bench.isBlockedInWait()
                return try await bench.length() == 1 && isBlocked
            }
            #expect(!isDone.value)
            await pair.network.resume()
            #expect(try await !enqueue.value.isDuplicate)
            let isThere = try await withClient(pair.replica.configuration) { replica in
                try await replica.exists(bench.keys.record(job.id))
            }
            #expect(isThere)
        }
    }

    enum Loss: CaseIterable { case frozen, killed, cutOff }

    @Test(arguments: Loss.allCases)
    func withoutItsReplicaAJobIsUncertainAndStandsInTheQueueOnce(loss: Loss) async throws {
        try await withReplica { pair, bench in
            let jobs = try bench.notes(3)
            _ = try await bench.client.enqueue(jobs[0])
            switch loss {
            case .frozen: pair.replica.freeze()
            case .killed: await pair.replica.kill()
            case .cutOff: await pair.network.stall()
            }
            for job in jobs[1...] {
                await #expect(throws: EnqueueError.uncertain(job.id, "only 0 of 1 replicas have it")) {
                    try await impatient(bench).enqueue(job)
                }
            }
            #expect(try await bench.entries(bench.stream).compactMap { $0["id"] } == jobs.map { "\($0.id)" })

            switch loss {
            case .frozen: pair.replica.thaw()
            case .killed: try await pair.replica.start()
            case .cutOff: await pair.network.resume()
            }
            #expect(try await bench.client.enqueue(jobs[1]).id == jobs[1].id)
            #expect(try await bench.length() == 3, "not enqueued again")
        }
    }

    /// The script that repeats a call writes nothing, and a new connection has written nothing.
    @Test func aRepetitionOverANewConnectionProvesNothingItself() async throws {
        try await withReplica { pair, bench in
            let job = try bench.notes(1)[0]
            pair.replica.freeze()
            await #expect(throws: EnqueueError.self) { try await impatient(bench).enqueue(job) }
            let store = RedisStore(redis: bench.redis, keys: bench.keys, options: bench.store.options)
            let other = Bench(
                redis: bench.redis, store: store, client: bench.client, keys: bench.keys, queue: bench.queue)
            await #expect(throws: EnqueueError.uncertain(job.id, "only 0 of 1 replicas have it")) {
                try await impatient(other).enqueue(job)
            }
            pair.replica.thaw()
            #expect(try await bench.client.enqueue(job).id == job.id)
        }
    }

    @Test func whatIsRepeatedIsEnqueuedWhenTheReplicaIsBack() async throws {
        try await withReplica { pair, bench in
            pair.replica.freeze()
            let before = try await bench.calls(of: "wait")
            let job = try bench.notes(1)[0]
            let enqueue = Task { try await bench.client.enqueue(job) }
            try await eventually("it has been repeated") { try await bench.calls(of: "wait") > before + 1 }
            pair.replica.thaw()
            #expect(try await !enqueue.value.isDuplicate, "it is the job that the first call has enqueued")
            #expect(try await bench.length() == 1)
        }
    }

    @Test func aFullQueueIsFullWhateverBecomesOfTheReplica() async throws {
        try await withReplica { pair, bench in
            let limits = QueueLimits(maximumDepth: 1)
            let client = JobClient(store: JobStore(bench.store), limits: { _ in limits })
            let jobs = try bench.notes(2)
            _ = try await client.enqueue(jobs[0])
            pair.replica.freeze()
            await #expect(throws: EnqueueError.full("the queue holds 1 jobs, its limit")) {
                try await client.enqueue(jobs[1])
            }
        }
    }

    @Test func oneWaitIsForAllThatIsUnderWay() async throws {
        try await withReplica(timeout: .seconds(60)) { pair, bench in
            // Not gathered: each is a call of its own.
            let client = JobClient(store: JobStore(bench.store))
            _ = try await client.enqueue(bench.notes(1)[0])
            let before = try await bench.calls(of: "wait")
            await pair.network.stall([.fromServer])
            let begun = Locked(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for job in try bench.notes(60, from: 1) {
                    group.addTask {
                        begun.update { $0 += 1 }
                        _ = try await client.enqueue(job)
                    }
                }
                try await eventually("all are on their way, one waits") {
                    let isBlocked = try await bench.isBlockedInWait()
                    return begun.value == 60 && isBlocked
                }
                await pair.network.resume()
                try await group.waitForAll()
            }
            #expect(try await bench.length() == 61)
            #expect(try await bench.calls(of: "wait") - before < 20)
        }
    }

    @Test func aConnectionThatBrokeIsMadeAnew() async throws {
        try await withReplica { _, bench in
            for number in 0..<5 {
                _ = try await bench.client.enqueue(bench.notes(1, from: number)[0])
                try await bench.redis.ask("CLIENT", "KILL", "TYPE", "normal")
                try await bench.redis.ask("SCRIPT", "FLUSH")
            }
            #expect(try await bench.length() == 5)
        }
    }

    /// What is under way when the replica falls behind, and the primary dies: either the replica has it, or nobody was
    /// told that it is enqueued.
    @Test(arguments: 0..<3)
    func everyJobThatWasEnqueuedOutlivesItsPrimary(round: Int) async throws {
        try await withReplica(timeout: .seconds(20), patience: .seconds(5)) { pair, bench in
            let enqueued = Locked<[JobID]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for producer in 0..<20 {
                    group.addTask {
                        for number in 0..<1000 {
                            let job = try bench.notes(1, from: producer * 1000 + number)[0]
                            guard let receipt = try? await bench.client.enqueue(job) else { return }
                            enqueued.update { $0.append(receipt.id) }
                        }
                    }
                }
                try await eventually("many are enqueued") { enqueued.value.count > 200 }
                // In the last round it dies in the middle of its work, in the others with jobs that only it has.
                if round < 2 {
                    await pair.network.stall([.fromServer])
                    let count = enqueued.value.count
                    try await eventually("some wait for the replica") { try await bench.length() > count }
                }
                await pair.primary.kill()
                await pair.network.cut()
                try await group.waitForAll()
            }
            try await withClient(pair.replica.configuration) { replica in
                try await replica.ask("REPLICAOF", "NO", "ONE")
                let entries = try await replica.ask("XRANGE", bench.stream, "-", "+").array ?? []
                let there = Set(entries.compactMap { $0.array?.last?.map?["id"]?.string })
                let missing = enqueued.value.filter { !there.contains("\($0)") }
                #expect(missing.isEmpty, "\(missing.count) of \(enqueued.value.count)")
                #expect(there.count >= 200)
            }
        }
    }

    @Test func whoAsksForNoReplicasWaitsForNone() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            try await bench.enqueue(10)
            #expect(bench.store.replicated == nil)
            #expect(try await bench.calls(of: "wait") == 0)
            #expect(try await !bench.redis.exists(bench.keys.replicationMark))
        }
    }
}

extension ReplicationTests.Pair {
    /// Waits until the replica has what the primary has.
    fileprivate func isInStep(_ bench: Bench) async throws {
        try await eventually("the replica is in step") {
            try await bench.redis.ask("SET", bench.keys.prefix + "step", "")
            return try await bench.redis.ask("WAIT", "1", "50").int == 1
        }
    }
}

extension Bench {
    fileprivate func isBlockedInWait() async throws -> Bool {
        let clients = try await redis.ask("CLIENT", "LIST").string ?? ""
        return clients.contains(/flags=b .* cmd=wait\s/)
    }

    /// How often a command was called.
    fileprivate func calls(of command: String) async throws -> Int {
        let stats = try await redis.ask("INFO", "commandstats").string ?? ""
        return try stats.firstMatch(of: Regex("cmdstat_\(command):calls=(\\d+)")).flatMap { match in
            match.output[1].substring.flatMap { Int($0) }
        } ?? 0
    }
}
