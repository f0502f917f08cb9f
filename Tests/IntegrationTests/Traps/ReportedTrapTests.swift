import Foundation
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What users of other systems have run into. What is not here is proven beside the part that avoids it.
@Suite(.serialized) struct ReportedTrapTests {
    /// A flush takes groups, scripts and the names of the queues.
    @Test func afterAFlushThereIsNoGroup() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            let runs = Runs()
            let worker = bench.worker(.notes(runs))
            try await running(worker) {
                for round in 0..<3 {
                    try await eventually("it waits for jobs") { try await bench.isReading(worker) }
                    try await bench.redis.ask("FLUSHALL")
                    try await bench.redis.ask("SCRIPT", "FLUSH")
                    try await bench.enqueue(3, from: round * 3)
                    try await eventually("they are run") { runs.count == round * 3 + 3 }
                }
                try await eventually("its queue is known by name") {
                    let inspector = QueueInspector(redis: bench.redis, keys: bench.keys)
                    return try await inspector.queueNames() == ["work": true]
                }
                try await eventually("it shows itself") {
                    try await bench.redis.exists(bench.keys.worker(worker.consumer))
                }
            }
            #expect(runs.total == 9)
        }
    }

    /// A failover leaves the connections to the old master standing; it only refuses to write.
    @Test func aMasterThatHasBecomeAReplicaIsLeft() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server, commandTimeout: .seconds(2)) { bench in
            let (runs, gate) = (Runs(), Gate())
            try await bench.enqueue(1)
            let handlers = JobHandlers.notes(runs) { note, _ in
                if note.number == 0 { try await gate.pass() }
                return .succeeded()
            }
            let worker = bench.worker(handlers)
            try await running(worker) {
                try await eventually("one runs") { gate.arrived == 1 }
                let reading = Set(try await bench.readers(of: worker).map { $0.prefix { $0 != " " } })
                #expect(reading.count == 1)
                let writing = try await bench.redis.ask("CLIENT", "ID")
                try await bench.redis.ask("REPLICAOF", "127.0.0.1", "\(try freePort())")
                gate.open()
                await #expect(throws: (any Error).self) { _ = try await bench.enqueue(1, from: 1) }
                try await eventually("both connections are let go") {
                    guard let id = try? await bench.redis.ask("CLIENT", "ID"), id != writing,
                        let now = try? await bench.readers(of: worker).map({ $0.prefix { $0 != " " } })
                    else { return false }
                    return reading.isDisjoint(with: now)
                }
                try await eventually("it is a master again") {
                    (try? await bench.redis.ask("REPLICAOF", "NO", "ONE")) != nil
                }
                try await eventually("it takes jobs again") { (try? await bench.enqueue(1, from: 2)) != nil }
                try await eventually("what ran is settled, and the other is run") {
                    (try? await bench.isEmpty()) == true
                }
            }
            #expect(runs[0].count == 1)
            #expect(runs[2].count == 1)
        }
    }

    /// Where Redis may evict keys, it evicts jobs.
    @Test func aServerThatEvictsIsRefused() async throws {
        let server = try await PrivateRedis()
        try await withClient(server.configuration) { redis in
            try await redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            await #expect(throws: UnfitServer.self) {
                try await ServerCheck(redis: redis, refuses: true, logger: .quiet).run()
            }
            let log = LogLines()
            let warned = Task { try await ServerCheck(redis: redis, refuses: false, logger: log.logger).run() }
            try await eventually("it is warned of") { log.saying("not safe").count == 1 }
            warned.cancel()
            try await warned.value
            try await redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
            let checked = Task { try await ServerCheck(redis: redis, refuses: true, logger: .quiet).run() }
            checked.cancel()
            try await checked.value
        }
    }

    /// A cluster refuses a script whose keys lie in several slots. All keys of a queue have one hash tag in common.
    @Test func everyKeyOfAScriptIsInOneSlot() async throws {
        let server = try await ClusterNode()
        try await withClient(server.configuration) { redis in
            try await server.takeAllSlots(redis)
            let keys = KeySpace(prefix: "{p0}:")
            var options = RedisStoreOptions()
            options.keepsEvents = true
            let store = RedisStore(redis: redis, keys: keys, options: options)
            let client = JobClient(store: JobStore(store))
            for queue in [JobQueue("work"), JobQueue("loose", isTracked: false)] {
                let bench = Bench(redis: redis, store: store, client: client, keys: keys, queue: queue)
                try await course(of: bench)
            }
            try await LayoutCheck(redis: redis, keys: keys, keepsLedger: true, logger: .quiet).check()
            let group = EventGroup(redis: redis, keys: keys, consumer: "a", logger: .quiet)
            try await group.acknowledge(try await group.read(count: 1000, wait: .zero).map(\.id))
            #expect(try await group.backlog().length == 0)
            await group.leave()
        }
    }

    /// Every call that there is.
    private func course(of bench: Bench) async throws {
        let queue = bench.queue.name
        let verbs: [Settlement.Verb] = [
            .done, .retry(after: .zero), .dead(), .dead(), .unknown, .expired(error: "late"),
            .release(isUntouched: true), .snooze(for: .seconds(60)),
        ]
        let jobs = try await bench.delivered(verbs.count, to: "a")
        #expect(try await bench.extend(jobs, by: "a").allSatisfy(\.self))
        #expect(try await bench.settle(Array(zip(jobs, verbs)), by: "a").allSatisfy { $0 == .settled })
        #expect(try await bench.reclaim(10, by: "b", lease: .seconds(1000)).delivered.count == 1)
        #expect(try await bench.promote().moved == 1)

        let letters = try await bench.store.deadLetters(of: queue, after: nil, limit: 10)
        #expect(try await bench.store.redrive([letters[0]], of: queue) == [true])
        #expect(try await bench.store.drop([letters[1]], of: queue) == [true])

        var later = try bench.notes(1, from: 100, start: .after(.seconds(60)))[0]
        later.unique = .init("k", for: .seconds(60), scope: .unfinished)
        var again = try bench.notes(1, from: 101)[0]
        again.unique = later.unique
        let reply = try await bench.store.enqueue([later, again], to: bench.queue, lane: .normal, limits: .none)
        #expect(reply.exceptions == [1: .duplicate(later.id)])
        #expect(try await bench.store.cancel(later.id) == .canceled)
        #expect(try await bench.promote(.scheduled).moved == 0)

        _ = try await bench.store.beat([("host", "here")], of: "a", life: .seconds(60))
        try await bench.store.endHeartbeat(of: "a")
        _ = try await bench.store.lastTick(of: "nightly", first: 0)
        #expect(try await QueueInspector(redis: bench.redis, keys: bench.keys).reclaim(queue).handedBack >= 1)
        let runs = Runs()
        try await running(bench.worker(.notes(runs))) {
            try await eventually("all that waits is run") { try await bench.length() == 0 }
        }
        #expect(runs.total == 3)
        #expect(try await bench.store.sweep(bench.queue) == ["a", "b"])
    }
}

/// A redis-server that is a cluster by itself: it has all slots, and refuses what lies in several of them.
private final class ClusterNode {
    let configuration: RedisConfiguration
    private let directory: URL
    private let process: ChildProcess

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "posthaste-test-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let (port, bus) = (try freePort(), try freePort())
        configuration = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: port))
        process = try ChildProcess(
            "/usr/bin/env",
            [
                "redis-server", "--port", "\(port)", "--cluster-port", "\(bus)", "--bind", "127.0.0.1", "--save", "",
                "--cluster-enabled", "yes",
            ], directory: directory)
    }

    deinit {
        process.signal(SIGKILL)
        try? FileManager.default.removeItem(at: directory)
    }

    func takeAllSlots(_ redis: RedisClient) async throws {
        try await eventually("it answers") { (try? await redis.now()) != nil }
        try await redis.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        try await eventually("it serves") {
            try await redis.ask("CLUSTER", "INFO").string?.contains("cluster_state:ok") == true
        }
    }
}
