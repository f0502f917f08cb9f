import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

@Suite struct PromoteScriptTests {
    private func promote(_ ids: [JobID], in bench: Bench) async throws -> Int64? {
        let sets = [bench.keys.retry("work"), bench.stream, bench.keys.dead("work")]
        let keys = sets + ids.map { bench.keys.record($0) }
        let tracked = bench.queue.isTracked ? "1" : "0"
        return try await bench.run(Scripts.promote, keys: keys, [tracked] + ids.map { "\($0)" }).int
    }

    /// Jobs that wait for another attempt.
    private func delayed(_ count: Int, in bench: Bench) async throws -> [JobID] {
        let jobs = try await bench.delivered(count, to: "a")
        let wait = Settlement.Verb.retry(wait: .seconds(3600), attempt: 2, error: "busy")
        _ = try await bench.settle(jobs.map { ($0, wait) }, by: "a")
        return jobs.map(\.job)
    }

    /// Makes jobs due so many milliseconds from now, by Redis's clock.
    private func makeDue(_ ids: [JobID], after milliseconds: Int64 = -1, in bench: Bench) async throws {
        let due = try await bench.redis.now() + milliseconds
        for id in ids { try await bench.redis.ask("ZADD", bench.keys.retry("work"), "\(due)", "\(id)") }
    }

    @Test func whatIsNotDueStays() async throws {
        try await withBench { bench in
            let ids = try await delayed(3, in: bench)
            try await makeDue([ids[1]], in: bench)
            #expect(try await promote(ids, in: bench) == 1)
            #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(ids[1])"])
            #expect(try await bench.retryCount() == 2)
            #expect(try await bench.record(ids[0])["state"] == "retrying")
        }
    }

    @Test func itIsMovedWhenRedisSaysSoAndNotBefore() async throws {
        try await withBench { bench in
            let ids = try await delayed(1, in: bench)
            try await makeDue(ids, after: 300, in: bench)
            let due = try #require(try await bench.redis.ask("ZSCORE", bench.keys.retry("work"), "\(ids[0])").int)
            try await eventually("it is moved") { try await promote(ids, in: bench) == 1 }
            let entry = try await bench.redis.ask("XRANGE", bench.stream, "-", "+").array?.first?.array?[0].bytes
            let movedAt = try #require(entry.flatMap(EntryID.init)).milliseconds
            #expect(Int64(movedAt) >= due)
        }
    }

    @Test func theNextAttemptIsTheWholeJobAgain() async throws {
        try await withBench { bench in
            let ids = try await delayed(1, in: bench)
            let before = try await bench.record(ids[0])
            try await makeDue(ids, in: bench)
            #expect(try await promote(ids, in: bench) == 1)
            #expect(try await promote(ids, in: bench) == 0)
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

    @Test func ofTwoCallersOneMovesEachJob() async throws {
        try await withBench(tracked: false) { bench in
            let ids = try await delayed(200, in: bench)
            try await makeDue(ids, in: bench)
            let server = try await PrivateRedis.shared()
            let moved = try await withClient(server.configuration) { other in
                let second = Bench(redis: other, client: bench.client, keys: bench.keys, queue: bench.queue)
                return try await withThrowingTaskGroup(of: Int64.self) { callers in
                    for page in stride(from: 0, to: 200, by: 20) {
                        for bench in [bench, second] {
                            callers.addTask { try await promote(Array(ids[page..<page + 20]), in: bench) ?? 0 }
                        }
                    }
                    return try await callers.reduce(0, +)
                }
            }
            #expect(moved == 200)
            #expect(try await bench.length() == 200)
            #expect(try await bench.retryCount() == 0)
            #expect(try await Set(bench.entries(bench.stream).map { $0["id"] }).count == 200)
        }
    }

    @Test func aJobWhoseRecordSomebodyDeletedIsADeadLetter() async throws {
        try await withBench { bench in
            let ids = try await delayed(2, in: bench)
            try await makeDue(ids, in: bench)
            try await bench.redis.ask("DEL", bench.keys.record(ids[0]))
            #expect(try await promote(ids, in: bench) == 2)
            #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(ids[1])"])
            let letters = try await bench.entries(bench.keys.dead("work"))
            #expect(letters.map { $0["id"] } == ["\(ids[0])"])
            #expect(letters.map { $0["reason"] } == ["lost"])
            #expect(try await bench.retryCount() == 0)
        }
    }
}
