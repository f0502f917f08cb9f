import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

@Suite struct PromoteScriptTests {
    /// Jobs that wait for another attempt.
    private func delayed(_ count: Int, in bench: Bench) async throws -> [JobID] {
        let jobs = try await bench.delivered(count, to: "a")
        _ = try await bench.settle(jobs.map { ($0, .retry(after: .seconds(3600))) }, by: "a")
        return jobs.map(\.job)
    }

    @Test func whatIsNotDueStays() async throws {
        try await withBench { bench in
            let ids = try await delayed(3, in: bench)
            try await bench.makeDue([ids[1]])
            let promotion = try await bench.promote()
            #expect(promotion.moved == 1)
            #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(ids[1])"])
            #expect(try await bench.retryCount() == 2)
            #expect(try await bench.record(ids[0])["state"] == "retrying")
            #expect((3_000_000...3_600_000).contains(try #require(promotion.next)), "the next one's time is told")
        }
    }

    /// Not due by the clock of the server, which alone counts: the script looks again at what a caller names.
    @Test func itIsMovedWhenRedisSaysSoAndNotBefore() async throws {
        try await withBench { bench in
            let ids = try await delayed(1, in: bench)
            try await bench.makeDue(ids, after: 300)
            let due = try #require(try await bench.redis.ask("ZSCORE", bench.keys.retry("work"), "\(ids[0])").int)
            try await eventually("it is moved") { try await bench.promote().moved == 1 }
            let entry = try await bench.redis.ask("XRANGE", bench.stream, "-", "+").array?.first?.array?[0].bytes
            let movedAt = try #require(entry.flatMap(EntryID.init)).milliseconds
            #expect(Int64(movedAt) >= due)
        }
    }

    @Test func theScriptItselfMovesNothingThatIsNotDue() async throws {
        try await withBench { bench in
            let ids = try await delayed(1, in: bench)
            var call = ScriptCall(Scripts.promote)
            call.key(bench.keys.retry("work"))
            call.keys(ofLanes: "work", bench.keys)
            call.key(bench.keys.dead("work"))
            call.key(bench.keys.events)
            call.key(bench.keys.tail)
            call.words(KeySpace.group, "work", "1", "0", "1000", "50")
            call.key(bench.keys.record(ids[0]))
            call.argument("\(ids[0])")
            #expect(try await bench.redis.run(call).int == 0)
            #expect(try await bench.retryCount() == 1)
            try await bench.makeDue(ids)
            #expect(try await bench.redis.run(call).int == 1)
            #expect(try await bench.redis.run(call).int == 0, "another has moved it")
            #expect(try await bench.length() == 1)
        }
    }

    @Test func theNextAttemptIsTheWholeJobAgain() async throws {
        try await withBench { bench in
            let ids = try await delayed(1, in: bench)
            let before = try await bench.record(ids[0])
            try await bench.makeDue(ids)
            #expect(try await bench.promote().moved == 1)
            #expect(try await bench.promote().moved == 0)
            #expect(try await bench.length() == 1)
            let job = try await bench.deliver(1, to: "b")
            #expect(job[0].job == ids[0])
            #expect(job[0].attempt == 2)
            #expect(job[0].kind == "note")
            #expect("\(job[0].enqueuedAt)" == before["at"])
            #expect(String(buffer: job[0].payload) == "{\"number\":0}")
            let record = try await bench.record(ids[0])
            #expect(record["state"] == "queued")
            #expect(record["entry"] == "\(job[0].entry)")
        }
    }

    @Test(arguments: [true, false])
    func aJobGoesBackToItsOwnLane(tracked: Bool) async throws {
        try await withBench(tracked: tracked) { bench in
            for lane in Lane.allCases {
                let job = try await bench.delivered(1, to: "a", lane: lane)[0]
                #expect(try await bench.settle([(job, .retry(after: .zero))], by: "a") == [.settled])
                try await eventually("it is due") { try await bench.promote().moved == 1 }
                let again = try await bench.deliver(1, to: "a", lane: lane)[0]
                #expect(again.job == job.job)
                #expect(again.meta.lane == lane)
            }
        }
    }

    @Test(arguments: DelayedSet.allCases)
    func ofSeveralCallersOneMovesEachJob(set: DelayedSet) async throws {
        try await withBench(tracked: false) { bench in
            let ids =
                set == .retry
                ? try await delayed(300, in: bench)
                : try await bench.enqueue(300, start: .after(.seconds(3600)))
            try await bench.makeDue(ids, in: set)
            let server = try await PrivateRedis.shared()
            let moved = try await withClient(server.configuration) { other in
                let second = Bench(
                    redis: other, store: RedisStore(redis: other, keys: bench.keys), client: bench.client,
                    keys: bench.keys, queue: bench.queue)
                return try await withThrowingTaskGroup(of: Int.self) { callers in
                    for _ in 0..<15 {
                        for bench in [bench, second] {
                            callers.addTask { try await bench.promote(set, most: 20).moved }
                        }
                    }
                    return try await callers.reduce(0, +)
                }
            }
            #expect(moved <= 300)
            while try await bench.promote(set).moved > 0 {}
            #expect(try await bench.length() == 300)
            #expect(try await bench.delayed(set).isEmpty)
            #expect(try await Set(bench.entries(bench.stream).map { $0["id"] }) == Set(ids.map { "\($0)" }))
        }
    }

    /// Trap: the retry set starves the scheduled set.
    @Test(arguments: DelayedSet.allCases)
    func theTwoSetsAreIndependent(set: DelayedSet) async throws {
        try await withBench { bench in
            let retried = try await delayed(250, in: bench)
            let scheduled = try await bench.enqueue(250, from: 1000, start: .after(.seconds(3600)))
            try await bench.makeDue(retried, in: .retry)
            try await bench.makeDue(scheduled, in: .scheduled)
            let promotion = try await bench.promote(set, most: 200)
            #expect(promotion == Promotion(moved: 200, next: 0))
            let moved = try await Set(bench.entries(bench.stream).compactMap { $0["id"] })
            #expect(moved.isSubset(of: (set == .retry ? retried : scheduled).map { "\($0)" }))
            #expect(try await bench.delayed(set == .retry ? .scheduled : .retry).count == 250)
        }
    }

    @Test(arguments: DelayedSet.allCases)
    func aJobWhoseRecordSomebodyDeletedIsADeadLetter(set: DelayedSet) async throws {
        try await withBench(events: true) { bench in
            let ids =
                set == .retry
                ? try await delayed(2, in: bench) : try await bench.enqueue(2, start: .after(.seconds(3600)))
            try await bench.makeDue(ids, in: set)
            try await bench.redis.ask("DEL", bench.keys.record(ids[0]))
            #expect(try await bench.promote(set).moved == 2)
            #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(ids[1])"])
            let letters = try await bench.entries(bench.keys.dead("work"))
            #expect(letters.map { $0["id"] } == ["\(ids[0])"])
            #expect(letters.map { $0["reason"] } == ["lost"])
            #expect(try await bench.delayed(set).isEmpty)
            let told = try await bench.entries(bench.keys.events).filter { $0["type"] == "dead" }
            #expect(told.map { $0["id"] } == ["\(ids[0])"])
            #expect(told.map { $0["reason"] } == ["lost"])
        }
    }

    // MARK: The mark

    @Test func asLongAsTheStreamsAreFullDueJobsTrickle() async throws {
        try await withBench { bench in
            let due = try await bench.enqueue(300, start: .after(.seconds(3600)))
            try await bench.makeDue(due, in: .scheduled)
            try await bench.enqueue(100, from: 1000)
            // 100 wait, the mark is 100: a twentieth of it goes through, call after call.
            for call in 1...4 {
                let promotion = try await bench.promote(.scheduled, mark: 100)
                #expect(promotion == Promotion(moved: 5, next: 0))
                #expect(try await bench.length() == Int64(100 + 5 * call))
            }
        }
    }

    @Test func dueJobsFillTheStreamsUpToTheMark() async throws {
        try await withBench { bench in
            let due = try await bench.enqueue(300, start: .after(.seconds(3600)))
            try await bench.makeDue(due, in: .scheduled)
            try await bench.enqueue(20, from: 1000, lane: .high)
            try await bench.enqueue(20, from: 2000, lane: .low)
            #expect(try await bench.promote(.scheduled, mark: 100).moved == 60, "all lanes count together")
            #expect(try await bench.promote(.scheduled, mark: 100).moved == 5)
        }
    }

    @Test func whatRunsDoesNotWait() async throws {
        try await withBench { bench in
            _ = try await bench.delivered(150, to: "a")
            let due = try await bench.enqueue(300, from: 1000, start: .after(.seconds(3600)))
            try await bench.makeDue(due, in: .scheduled)
            #expect(try await bench.promote(.scheduled, mark: 100).moved == 100)
        }
    }

    // MARK: The look

    /// Every worker looks many times a second, mostly for nothing.
    @Test func asLongAsNothingIsDueOneJobIsAskedFor() async throws {
        try await withBench(on: PrivateRedis()) { bench in
            let ids = try await bench.enqueue(20, start: .after(.seconds(3600)))
            try await bench.redis.ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
            func asked() async throws -> [String] {
                let log = try await bench.redis.ask("SLOWLOG", "GET", "100").array ?? []
                let commands = log.reversed().compactMap { $0.array?[3].array?.compactMap(\.string) }
                return commands.filter { $0.first == "ZRANGE" }.map { $0[2...].joined(separator: " ") }
            }
            #expect(try await bench.promote(.scheduled).moved == 0)
            #expect(try await asked() == ["0 0 WITHSCORES"])
            try await bench.makeDue([ids[7]], in: .scheduled)
            #expect(try await bench.promote(.scheduled).moved == 1)
            #expect(try await asked() == ["0 0 WITHSCORES", "0 0 WITHSCORES", "0 199 WITHSCORES"])
        }
    }
}
