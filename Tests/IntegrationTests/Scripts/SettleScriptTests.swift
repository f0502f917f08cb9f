import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What each verb leaves behind.
@Suite struct SettleScriptTests {
    private let retry = Settlement.Verb.retry(after: .seconds(60))
    private let dead = Settlement.Verb.dead()

    /// Milliseconds until a key goes; -1: never.
    private func life(_ key: String, in bench: Bench) async throws -> Int64? {
        try await bench.redis.ask("PTTL", key).int
    }

    @Test func doneLeavesNothingOfAnUntrackedJob() async throws {
        try await withBench(tracked: false, events: true) { bench in
            let jobs = try await bench.delivered(3, to: "a")
            #expect(
                try await bench.settle(jobs.map { ($0, .done(result: "{}")) }, by: "a") == [
                    .settled, .settled, .settled,
                ])
            #expect(try await bench.isEmpty())
            for job in jobs { #expect(try await !bench.redis.exists(bench.keys.record(job.job))) }
            #expect(try await !bench.redis.exists(bench.keys.events))
        }
    }

    @Test func doneLeavesTheRecordOfATrackedJobForAnHour() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            #expect(try await life(bench.keys.record(job.job), in: bench) == -1)
            let before = try await bench.redis.now()
            #expect(try await bench.settle([(job, .done(result: "{\"sid\":1}"))], by: "a") == [.settled])
            #expect(try await bench.isEmpty())
            let record = try await bench.record(job.job)
            #expect(record["state"] == "done")
            #expect(record["result"] == "{\"sid\":1}")
            #expect(record["consumer"] == "a")
            #expect(record["deliveries"] == "1")
            #expect(record["elapsed"] == "12")
            let settled = try #require(record["settled"].flatMap { Int64($0) })
            #expect(try await (before...bench.redis.now()).contains(settled))
            let left = try #require(try await life(bench.keys.record(job.job), in: bench))
            #expect((3_000_000...3_600_000).contains(left))
        }
    }

    @Test func retryMovesTheWholeJobToTheDelayedSet() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            let before = try await bench.redis.now()
            #expect(try await bench.settle([(job, retry)], by: "a") == [.settled])
            let after = try await bench.redis.now()
            #expect(try await bench.length() == 0)
            #expect(try await bench.pending().isEmpty)
            let set = bench.keys.retry("work")
            let due = try #require(try await bench.redis.ask("ZSCORE", set, "\(job.job)").int)
            #expect((before + 60_000...after + 60_000).contains(due))
            let record = try await bench.record(job.job)
            #expect(record["state"] == "retrying")
            #expect(record["attempt"] == "2")
            #expect(record["payload"] == "{\"number\":0}")
            #expect(record["kind"] == "note")
            #expect(record["meta"] == "{}")
            #expect(record["at"] == "\(job.enqueuedAt)")
            #expect(record["error"] == "busy")
            #expect(record["due"] == "\(due)")
            #expect(try await life(bench.keys.record(job.job), in: bench) == -1)
        }
    }

    @Test func deadMovesTheWholeJobToTheDeadLetters() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            #expect(try await bench.settle([(job, dead)], by: "a") == [.settled])
            #expect(try await bench.isEmpty())
            let letter = try #require(try await bench.entries(bench.keys.dead("work")).first)
            #expect(letter["id"] == "\(job.job)")
            #expect(letter["kind"] == "note")
            #expect(letter["attempt"] == "1")
            #expect(letter["at"] == "\(job.enqueuedAt)")
            #expect(letter["payload"] == "{\"number\":0}")
            #expect(letter["meta"] == "{}")
            #expect(letter["reason"] == "permanent")
            #expect(letter["error"] == "no such number")
            let record = try await bench.record(job.job)
            #expect(record["state"] == "dead")
            #expect(record["reason"] == "permanent")
            #expect(letter["died_at"] == record["settled"])
            #expect(try await life(bench.keys.record(job.job), in: bench) == -1, "it has not ended while it lies there")
        }
    }

    @Test func unknownIsHeldBesideTheDeadLettersUnderItsOwnState() async throws {
        try await withBench(events: true) { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            let verb = Settlement.Verb.unknown
            #expect(try await bench.settle([(job, verb)], by: "a") == [.settled])
            #expect(try await bench.entries(bench.keys.dead("work")).first?["reason"] == "unknown")
            #expect(try await bench.record(job.job)["state"] == "unknown")
            #expect(try await bench.entries(bench.keys.events).last?["type"] == "unknown")
        }
    }

    @Test func eachEndIsAnEventThatTellsAll() async throws {
        try await withBench(events: true) { bench in
            let jobs = try await bench.delivered(3, to: "a")
            let verbs = [.done(result: "{\"sid\":1}"), retry, dead]
            #expect(try await bench.settle(Array(zip(jobs, verbs)), by: "a") == [.settled, .settled, .settled])
            let events = try await Array(bench.entries(bench.keys.events).dropFirst(3))
            #expect(events.map { $0["type"] } == ["succeeded", "retrying", "dead"])
            #expect(events.map { $0["id"] } == jobs.map { "\($0.job)" })
            for event in events {
                #expect(event["queue"] == "work")
                #expect(event["attempt"] == "1")
                #expect(event["consumer"] == "a")
                #expect(event["deliveries"] == "1")
                #expect(event["elapsed"] == "12")
                #expect(event["at"].flatMap { Int64($0) } != nil)
            }
            #expect(events[0]["result"] == "{\"sid\":1}")
            #expect(events[1]["error"] == "busy")
            #expect(try await events[1]["due"] == bench.record(jobs[1].job)["due"])
            #expect(events[2]["reason"] == "permanent")
        }
    }

    @Test(arguments: [true, false])
    func theVerbsOfOneBatchKeepTheirRecordsApart(tracked: Bool) async throws {
        try await withBench(tracked: tracked) { bench in
            let jobs = try await bench.delivered(8, to: "a")
            let done = Settlement.Verb.done(result: "\"ok\"")
            let verbs = [done, retry, .release(isUntouched: true), dead, done, retry, dead, done]
            #expect(try await bench.settle(Array(zip(jobs, verbs)), by: "a") == Array(repeating: .settled, count: 8))
            #expect(try await bench.entries(bench.stream).map { $0["id"] } == ["\(jobs[2].job)"])
            #expect(try await bench.pending().map(\.entry) == ["\(jobs[2].entry)"])
            let delayed = try await bench.redis.ask("ZRANGE", bench.keys.retry("work"), "0", "-1").array ?? []
            #expect(Set(delayed.compactMap(\.string)) == ["\(jobs[1].job)", "\(jobs[5].job)"])
            let dead = try await bench.entries(bench.keys.dead("work"))
            #expect(dead.map { $0["payload"] } == ["{\"number\":3}", "{\"number\":6}"])
            for (number, job) in jobs.enumerated() {
                let record = try await bench.record(job.job)
                switch number {
                case 1, 5: #expect(record["payload"] == "{\"number\":\(number)}")
                case 2: #expect(record["state"] == (tracked ? "queued" : nil))
                case 3, 6: #expect(record["state"] == (tracked ? "dead" : nil))
                default: #expect(record["result"] == (tracked ? "\"ok\"" : nil))
                }
            }
        }
    }

    @Test func anUntrackedJobThatWasRetriedLeavesNothingOnceItIsDone() async throws {
        try await withBench(tracked: false) { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            let again = Settlement.Verb.retry(after: .zero)
            #expect(try await bench.settle([(job, again)], by: "a") == [.settled])
            try await eventually("it is due") { try await bench.promote().moved == 1 }
            let second = try await bench.deliver(1, to: "a")[0]
            #expect(second.attempt == 2)
            #expect(try await bench.settle([(second, .done(result: ""))], by: "a") == [.settled])
            #expect(try await bench.isEmpty())
            #expect(
                try await life(bench.keys.record(job.job), in: bench) != -1,
                "the record in which it waited stands for ever")
        }
    }

    @Test(arguments: [Settlement.Verb.dead(), .retry(after: .seconds(60))])
    func oneWhoseEntryWasDeletedWhileItRanIsLostAndToldOf(verb: Settlement.Verb) async throws {
        try await withBench(events: true) { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            try await bench.redis.ask("XDEL", bench.stream, "\(job.entry)")
            #expect(try await bench.settle([(job, verb)], by: "a") == [.settled])
            #expect(try await bench.isEmpty())
            #expect(try await bench.entries(bench.keys.dead("work")).map { $0["reason"] } == ["lost"])
            #expect(try await bench.record(job.job)["reason"] == "lost")
            #expect(try await bench.events() == ["accepted", "dead"])
            let event = try #require(try await bench.entries(bench.keys.events).last)
            #expect(event["id"] == "\(job.job)")
            #expect(event["reason"] == "lost")
        }
    }
}
