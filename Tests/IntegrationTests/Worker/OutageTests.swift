import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    /// What is done to Redis under a running worker.
    @Suite struct OutageTests {
        @Test func aGroupThatIsDestroyedInMidRunIsMadeAnewAndEveryJobIsRun() async throws {
            try await withBench { bench in
                let (runs, gate) = (Runs(), Gate())
                try await bench.enqueue(20)
                let handlers = JobHandlers.notes(runs) { _, _ in
                    try await gate.pass()
                    return .succeeded()
                }
                try await running(bench.worker(handlers) { $0.slots = 5 }, bench.worker(handlers) { $0.slots = 5 }) {
                    try await eventually("ten run") { gate.arrived == 10 }
                    try await bench.redis.ask("XGROUP", "DESTROY", bench.stream, KeySpace.group)
                    gate.open()
                    try await eventually("every job is settled") { try await bench.isEmpty() }
                    try await bench.enqueue(10, from: 20)
                    try await eventually("later ones too") {
                        let isEmpty = try await bench.isEmpty()
                        return isEmpty && runs.count == 30
                    }
                }
                #expect(try await bench.deadCount() == 0)
            }
        }

        @Test func aStreamThatIsDeletedUnderABlockedReaderIsReadFromItsNewBeginning() async throws {
            try await withBench { bench in
                let runs = Runs()
                let worker = bench.worker(.notes(runs))
                try await running(worker) {
                    for round in 0..<3 {
                        try await eventually("it waits for jobs") { try await bench.isReading(worker) }
                        try await bench.redis.ask("DEL", bench.stream)
                        try await bench.enqueue(5, from: round * 5)
                        try await eventually("the new ones are run") { runs.count == round * 5 + 5 }
                    }
                }
                #expect(runs.total == 15)
            }
        }

        @Test func aServerThatIsKilledAndComesBackFromItsFileLosesNoJob() async throws {
            let server = try await PrivateRedis()
            try await withBench(on: server, commandTimeout: .seconds(2)) { bench in
                let runs = Runs()
                try await bench.enqueue(300)
                let handlers = JobHandlers.notes(runs) { note, attempt in
                    if note.number.isMultiple(of: 7), attempt.number == 1 { return .retry(error: "busy") }
                    try await Task.sleep(for: .milliseconds(note.number % 10))  // allowed: the work of the job
                    return .succeeded()
                }
                let quick = { (options: inout WorkerOptions) in
                    options.slots = 10
                    options.lease = .seconds(2)
                }
                try await running(bench.worker(handlers, change: quick), bench.worker(handlers, change: quick)) {
                    for round in 1...2 {
                        try await eventually("some are run") { runs.count >= round * 80 }
                        await server.kill()
                        try await server.start()
                    }
                    try await eventually("every job is finished") {
                        (try? await bench.isEmpty()) == true
                    }
                }
                #expect(runs.count == 300)
                #expect(try await bench.deadCount() == 0)
                var done = 0
                for key in try await bench.redis.ask("KEYS", bench.keys.prefix + "job:*").array ?? [] {
                    if try await bench.redis.hash(key.string ?? "")["state"] == "done" { done += 1 }
                }
                #expect(done == 300)
            }
        }

        @Test func aServerThatIsFrozenForAWhileLosesNoJob() async throws {
            let server = try await PrivateRedis()
            try await withBench(on: server, commandTimeout: .milliseconds(500)) { bench in
                let (runs, gate) = (Runs(), Gate())
                try await bench.enqueue(6)
                let handlers = JobHandlers.notes(runs) { _, _ in
                    try await gate.pass()
                    return .succeeded()
                }
                let worker = bench.worker(handlers) { $0.slots = 3 }
                try await running(worker) {
                    try await eventually("three run") { gate.arrived == 3 }
                    server.freeze()
                    await #expect(throws: RedisError.self) { try await bench.redis.ask("PING") }
                    gate.open()
                    await #expect(throws: RedisError.self) { try await bench.redis.ask("PING") }
                    server.thaw()
                    try await eventually("all are run") { (try? await bench.isEmpty()) == true }
                }
                #expect(runs.count == 6)
                #expect(worker.counts.done == 6)
            }
        }

        /// What was idle all the while may be what a live worker could not renew: it is given the time to.
        @Test func whoIsBackFirstTakesNothingOverAtOnce() async throws {
            let (proxy, configuration) = try await PrivateRedis.shared().proxied()
            try await withBench { bench in
                try await withClient(configuration) { redis in
                    let (clock, log, runs) = (StillClock(), LogLines(), Runs())
                    let worker = bench.worker(.notes(runs), redis: redis, logger: log.logger) {
                        $0.lease = .seconds(30)
                        $0.clock = clock
                    }
                    try await running(worker) {
                        try await eventually("it reads") { try await bench.isReading(worker) }
                        await proxy.refuse()
                        await proxy.cut()
                        try await eventually("it knows") { !log.saying("Reading failed").isEmpty }
                        let job = try await bench.delivered(1, to: "a")[0]
                        try await bench.claim(job.entry, by: "a", idle: 40_000, deliveries: 1)
                        clock.advance(.seconds(40))
                        try await proxy.accept()
                        try await eventually("it reads again") { try await bench.isReading(worker) }
                        #expect(try await bench.pending().map(\.consumer) == ["a"])
                        clock.advance(.milliseconds(9_999))
                        try await bench.enqueue(1, from: 1)
                        try await eventually("it runs what is new, and settles it") {
                            let held = try await bench.pending().map(\.consumer)
                            return runs[1].count == 1 && held == ["a"]
                        }
                        clock.advance(.milliseconds(1))
                        try await eventually("a third of the lease later it does") { try await bench.isEmpty() }
                    }
                    #expect(runs[0].map(\.deliveries) == [2])
                }
            }
        }

        /// What ends jobs frees memory: a worker that cannot begin leaves the server full for ever.
        @Test func aFullServerIsWorkedOffByAWorkerThatIsOnlyStarting() async throws {
            let server = try await PrivateRedis()
            try await withBench(on: server) { bench in
                try await bench.enqueue(20)
                let later = try await bench.enqueue(5, from: 20, start: .after(.seconds(3600)))
                try await bench.makeDue(later, in: .scheduled)
                try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1mb")
                await #expect(throws: RedisError.self) { try await bench.redis.ask("SET", "one more", "key") }
                let runs = Runs()
                try await running(bench.worker(.notes(runs))) {
                    try await eventually("all are run") { try await bench.isEmpty() }
                }
                #expect(runs.total == 25)
                await #expect(throws: RedisError.self) { try await bench.redis.ask("SET", "one more", "key") }
            }
        }
    }
}
