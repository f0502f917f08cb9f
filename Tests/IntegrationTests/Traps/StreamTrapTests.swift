import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What bites in the commands of Redis Streams. What is not here is proven beside the part that it would bite.
@Suite(.serialized) struct StreamTrapTests {
    /// XREADGROUP over three lanes gives a worker with one free slot three jobs. What it has no room for is anybody's,
    /// and its own as soon as it has.
    @Test func theCountOfAReadIsThatOfEachStream() async throws {
        try await withBench { bench in
            let (runs, gate) = (Runs(), Gate())
            for (number, lane) in Lane.allCases.enumerated() { try await bench.enqueue(1, from: number, lane: lane) }
            let handlers = JobHandlers.notes(runs) { _, _ in
                try await gate.pass()
                return .succeeded()
            }
            let worker = bench.worker(handlers) {
                $0.slots = 1
                // By it no look at what was handed back is ever due.
                $0.clock = StillClock()
            }
            try await running(worker) {
                try await eventually("one runs, and the others wait for anybody") {
                    var rows: [PendingRow] = []
                    for lane in Lane.allCases { rows += try await bench.pending(lane) }
                    let handedBack = rows.count { $0.consumer == KeySpace.released && $0.deliveries == 0 }
                    return gate.arrived == 1 && rows.count == 3 && handedBack == 2
                }
                gate.open()
                try await eventually("all are done") { try await bench.isEmpty() }
            }
            #expect((0..<3).map { runs[$0].map(\.deliveries) } == [[1], [1], [1]])
        }
    }

    /// One missing group fails the read of all streams with NOGROUP.
    @Test(arguments: Lane.allCases)
    func aMissingGroupFailsTheWholeRead(lane: Lane) async throws {
        try await withBench { bench in
            let runs = Runs()
            let worker = bench.worker(.notes(runs))
            try await running(worker) {
                try await eventually("it waits for jobs") { try await bench.isReading(worker) }
                try await bench.redis.ask("XGROUP", "DESTROY", bench.stream(lane), KeySpace.group)
                for (number, lane) in Lane.allCases.enumerated() {
                    try await bench.enqueue(1, from: number, lane: lane)
                }
                try await eventually("all are run") { runs.count == 3 }
            }
        }
    }

    /// Reading one's own history counts deliveries that are not in the append-only file; claiming does not.
    @Test func countedDeliveriesSurviveARestart() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            let jobs = try await bench.delivered(2, to: "a")
            #expect(try await bench.reclaim(10, by: "b").delivered.map(\.deliveries) == [2, 2])
            let taken = try await bench.reclaim(10, by: "c").delivered
            #expect(taken.map(\.deliveries) == [3, 3])
            #expect(try await bench.extend(taken, by: "c") == [true, true])
            #expect(try await bench.release([taken[1]], by: "c") == [.settled])
            await server.kill()
            try await server.start()
            try await eventually("it answers again") { (try? await bench.redis.now()) != nil }
            let rows = try await bench.pending()
            #expect(rows.map(\.consumer) == ["c", KeySpace.released])
            #expect(rows.map(\.deliveries) == [3, 2])
            #expect(try await bench.settle([(jobs[0], .done)], by: "a") == [.held])
            #expect(try await bench.settle([(taken[0], .done)], by: "c") == [.settled])
        }
    }

    /// XAUTOCLAIM drops what was deleted from the pending list: the only trace of a lost job is its answer.
    @Test func aPendingEntryThatWasDeletedRaisesTheAlarm() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(2, to: "dead-worker")
            for job in jobs { try await bench.claim(job.entry, by: "dead-worker", idle: 60_000, deliveries: 1) }
            try await bench.redis.ask("XDEL", bench.stream, "\(jobs[0].entry)")
            let (runs, log) = (Runs(), LogLines())
            try await running(bench.worker(.notes(runs), logger: log.logger)) {
                try await eventually("the other is run") { try await bench.isEmpty() }
            }
            #expect(runs.numbers == [1])
            let alarms = log.all.filter { $0.level == "critical" }
            #expect(alarms.map { $0.metadata["entries"] } == ["[\"\(jobs[0].entry)\"]"])
        }
    }

    /// The lag that XINFO GROUPS tells is null as soon as an entry ahead of the group is deleted.
    @Test func theDepthIsExactWhereTheLagIsNot() async throws {
        try await withBench { bench in
            let ids = try await bench.enqueue(6)
            _ = try await bench.deliver(2, to: "a")
            #expect(try await bench.client.cancel(ids[4]) == .canceled)
            let inspector = QueueInspector(redis: bench.redis, keys: bench.keys)
            let pending = try await inspector.pending(of: "work")
            #expect([pending.depth, pending.pending] == [3, 2])
            let status = try #require(try await inspector.queues().first { $0.queue == "work" })
            #expect(status.lanes.map(\.depth) == [0, 3, 0])
        }
    }

    /// MAXLEN on a stream deletes what nobody has run. Only the tail has one, which nobody needs.
    @Test func noStreamOfWorkIsTrimmed() async throws {
        try await withBench(events: true) { bench in
            var watch = ScriptCall(Scripts.watch)
            watch.key(bench.keys.tail)
            watch.argument(600_000)
            _ = try await bench.redis.run(watch)
            let jobs = try await bench.delivered(3000, to: "a")
            #expect(try await bench.length() == 3000)
            for start in stride(from: 0, to: 3000, by: 500) {
                let page = jobs[start..<start + 500].map { ($0, Settlement.Verb.dead()) }
                _ = try await bench.settle(page, by: "a")
            }
            #expect(try await bench.deadCount() == 3000)
            #expect(try await bench.redis.ask("XLEN", bench.keys.events).int == 6000)
            #expect(try #require(await bench.redis.ask("XLEN", bench.keys.tail).int) < 2000)
        }
    }

    /// A stream frees a node only when all its entries are gone: one job in a hundred that waits for an hour would keep
    /// nearly all the memory.
    @Test func whatWaitsLongHoldsNoMemoryOfTheStream() async throws {
        try await withBench(tracked: false) { bench in
            for _ in 0..<5 {
                let jobs = try await bench.delivered(1000, to: "a")
                for start in stride(from: 0, to: 1000, by: 500) {
                    let page = jobs[start..<start + 500].enumerated().map { index, job in
                        (job, index == 99 ? Settlement.Verb.snooze(for: .seconds(3600)) : .done)
                    }
                    _ = try await bench.settle(page, by: "a")
                }
            }
            #expect(try await bench.retryCount() == 10)
            #expect(try await bench.length() == 0)
            let bytes = try #require(try await bench.redis.ask("MEMORY", "USAGE", bench.stream).int)
            #expect(bytes < 10_000, "one node of a stream is 4 KiB")
        }
    }

    /// A key that cannot be read is asked for with pauses: half of 50 ms, 100 ms and so on, and up to as much again.
    @Test func aStreamThatCannotBeReadIsNoHotLoop() async throws {
        try await withBench { bench in
            try await bench.redis.ask("SET", bench.stream, "no stream")
            let (runs, log) = (Runs(), LogLines())
            try await running(bench.worker(.notes(runs), logger: log.logger)) {
                try await eventually("it has tried") { !log.saying("Reading failed").isEmpty }
                let begin = ContinuousClock.now
                try await eventually("it has tried again") { log.saying("Reading failed").count >= 8 }
                #expect(ContinuousClock.now - begin > .seconds(1), "1.5 s at least; at full speed a few milliseconds")
                try await bench.redis.ask("DEL", bench.stream)
                try await bench.enqueue(1)
                try await eventually("it goes on") { runs.count == 1 }
            }
        }
    }
}
