import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What lies among the dead letters, and how it gets out again.
@Suite struct DeadLetterTests {
    private func letters(_ bench: Bench, after: DeadLetter.ID? = nil, limit: Int = 100) async throws -> [DeadLetter] {
        try await bench.store.deadLetters(of: "work", after: after, limit: limit)
    }

    /// So many jobs that have died, oldest first.
    private func dead(_ count: Int, lane: Lane = .normal, in bench: Bench) async throws -> [Delivered] {
        let jobs = try await bench.delivered(count, to: "a", lane: lane)
        let answers = try await bench.settle(jobs.map { ($0, .dead()) }, by: "a")
        #expect(answers == Array(repeating: .settled, count: count))
        return jobs
    }

    @Test(arguments: [true, false])
    func aLetterIsTheWholeJobWithTheReason(tracked: Bool) async throws {
        try await withBench(tracked: tracked) { bench in
            let expiry = try await bench.redis.now() + 3_600_000
            var job = try NewJob(Note(number: 7), queue: bench.queue, lane: .high, expiresAt: expiry)
            job.meta.trace["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            _ = try await bench.client.enqueue(job)
            let delivered = try await bench.deliver(1, to: "a", lane: .high)[0]
            let before = try await bench.redis.now()
            _ = try await bench.settle([(delivered, .unknown)], by: "a")
            let letter = try #require(try await letters(bench).first)
            #expect(letter.job == job.id)
            #expect(letter.kind == "note")
            #expect(letter.attempt == 1)
            #expect(letter.enqueuedAt == delivered.enqueuedAt)
            #expect(letter.payload == job.payload)
            #expect(letter.meta == job.meta)
            #expect(letter.reason == .unknown)
            #expect(letter.error == "cut off")
            #expect(try await (before...bench.redis.now()).contains(letter.diedAt))
            #expect(letter.isRedrivable)
            #expect(DeadLetter.ID("\(letter.id)") == letter.id)
        }
    }

    @Test func pagesFollowOneAnotherOldestFirst() async throws {
        try await withBench { bench in
            let jobs = try await dead(25, in: bench)
            var (found, after) = ([JobID?](), DeadLetter.ID?.none)
            for expected in [10, 10, 5, 0] {
                let page = try await letters(bench, after: after, limit: 10)
                #expect(page.count == expected)
                #expect(page.map(\.id) == page.map(\.id).sorted())
                found += page.map(\.job)
                after = page.last?.id ?? after
            }
            #expect(found == jobs.map(\.job))
            #expect(try await letters(bench, limit: 1).map(\.job) == [jobs[0].job])
            #expect(try await bench.store.deadLetters(of: "unheard of", after: nil, limit: 10) == [])
        }
    }

    // MARK: Redriving

    @Test(arguments: [true, false], Lane.allCases)
    func whatIsRedrivenIsAFirstAttemptInItsLane(tracked: Bool, lane: Lane) async throws {
        try await withBench(tracked: tracked, events: true) { bench in
            let job = try await bench.delivered(1, to: "a", lane: lane)[0]
            _ = try await bench.settle([(job, .retry(after: .zero))], by: "a")
            try await eventually("it is due") { try await bench.promote().moved == 1 }
            let second = try await bench.deliver(1, to: "a", lane: lane)[0]
            _ = try await bench.settle([(second, .dead())], by: "a")
            let letter = try #require(try await letters(bench).first)
            #expect(letter.attempt == 2)

            let before = try await bench.redis.now()
            #expect(try await bench.store.redrive([letter], of: "work") == [true])
            #expect(try await letters(bench).isEmpty)
            let again = try await bench.deliver(1, to: "b", lane: lane)[0]
            #expect(again.job == job.job)
            #expect(again.attempt == 1)
            #expect(again.deliveries == 1)
            #expect(again.kind == "note")
            #expect(again.enqueuedAt == job.enqueuedAt)
            #expect(again.payload == job.payload)
            #expect(again.meta.lane == lane)
            #expect(try await (before...bench.redis.now()).contains(again.meta.redrivenAt ?? 0))
            guard tracked else {
                #expect(try await !bench.redis.exists(bench.keys.events))
                return
            }
            let record = try await bench.record(job.job)
            #expect(record["state"] == "queued")
            #expect(record["attempt"] == "1")
            #expect(record["entry"] == "\(again.entry.id)")
            for field in ["reason", "error", "settled", "elapsed", "consumer", "deliveries", "due"] {
                #expect(record[field] == nil, "\(field)")
            }
            let event = try #require(try await bench.entries(bench.keys.events).last)
            #expect(event["type"] == "redriven")
            #expect(event["id"] == "\(job.job)")
            #expect(event["attempt"] == "1")
            #expect(try await bench.settle([(again, .done)], by: "b") == [.settled])
            #expect(try await bench.record(job.job)["state"] == "done")
        }
    }

    @Test func whatWasParkedTooLongIsParkedAnewWhenItIsRedriven() async throws {
        try await withBench { bench in
            var job = try bench.notes(1)[0]
            job.meta.parkedAt = 1000
            _ = try await bench.client.enqueue(job)
            let delivered = try await bench.deliver(1, to: "a")[0]
            _ = try await bench.settle([(delivered, .dead())], by: "a")
            _ = try await bench.store.redrive(letters(bench), of: "work")
            #expect(try await bench.deliver(1, to: "a")[0].meta.parkedAt == nil)
        }
    }

    @Test func aLetterIsRedrivenOnce() async throws {
        try await withBench(events: true) { bench in
            _ = try await dead(3, in: bench)
            let all = try await letters(bench)
            #expect(try await bench.store.redrive([all[1]], of: "work") == [true])
            #expect(try await bench.store.redrive(all, of: "work") == [true, false, true])
            #expect(try await bench.store.redrive(all, of: "work") == [false, false, false])
            #expect(try await bench.store.drop(all, of: "work") == [false, false, false])
            #expect(try await bench.length() == 3)
            #expect(try await bench.events().count { $0 == "redriven" } == 3)
        }
    }

    @Test func ofTwoOperatorsOneRedrivesEachLetter() async throws {
        try await withBench(tracked: false) { bench in
            _ = try await dead(50, in: bench)
            let all = try await letters(bench)
            let redriven = try await withThrowingTaskGroup(of: Int.self) { operators in
                for _ in 0..<4 {
                    operators.addTask {
                        var count = 0
                        for letter in all {
                            count += try await bench.store.redrive([letter], of: "work").count { $0 }
                        }
                        return count
                    }
                }
                return try await operators.reduce(0, +)
            }
            #expect(redriven == 50)
            #expect(try await bench.length() == 50)
        }
    }

    @Test func whatIsNoJobAnyMoreCannotBeRedriven() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(2, to: "a")
            try await bench.redis.ask("XDEL", bench.stream, "\(job[0].entry.id)")
            try await bench.redis.ask("XADD", bench.stream, "*", "id", "\(JobID())", "text", "hello")
            let foreign = try await bench.deliver(1, to: "a")[0]
            let undecodable = DeadReason.undecodable
            _ = try await bench.settle(
                [
                    (job[0], .dead()), (job[1], .dead(state: .dead, reason: undecodable, error: "no Note")),
                    (foreign, .dead(state: .dead, reason: undecodable, error: "no job")),
                ], by: "a")
            let all = try await letters(bench)
            #expect(all.map(\.reason) == [.lost, undecodable, undecodable])
            #expect(all.map(\.isRedrivable) == [false, true, false], "a payload may be read by the next version")
            #expect(all[0].job == job[0].job)
            #expect(all[2].job == nil)
        }
    }

    // MARK: Dropping

    @Test func whatIsDroppedIsGoneAndItsRecordSaysSoForAnHour() async throws {
        try await withBench(events: true) { bench in
            let jobs = try await dead(2, in: bench)
            let all = try await letters(bench)
            let before = try await bench.redis.now()
            #expect(try await bench.store.drop([all[0]], of: "work") == [true])
            #expect(try await letters(bench).map(\.job) == [jobs[1].job])
            let record = try await bench.record(jobs[0].job)
            #expect(record["state"] == "dead")
            #expect(try await (before...bench.redis.now()).contains(record["dropped"].flatMap { Int64($0) } ?? 0))
            let life = try #require(try await bench.redis.ask("PTTL", bench.keys.record(jobs[0].job)).int)
            #expect((3_000_000...3_600_000).contains(life))
            let event = try #require(try await bench.entries(bench.keys.events).last)
            #expect(event["type"] == "dropped")
            #expect(event["id"] == "\(jobs[0].job)")
            #expect(event["attempt"] == "1")
            #expect(try await bench.store.drop([all[0]], of: "work") == [false])
            #expect(try await bench.events().count { $0 == "dropped" } == 1)
        }
    }

    @Test func anUntrackedLetterIsDroppedWithoutARecordOrAnEvent() async throws {
        try await withBench(tracked: false, events: true) { bench in
            let job = try await dead(1, in: bench)[0]
            #expect(try await bench.store.drop(letters(bench), of: "work") == [true])
            #expect(try await bench.deadCount() == 0)
            #expect(try await !bench.redis.exists(bench.keys.record(job.job)))
            #expect(try await !bench.redis.exists(bench.keys.events))
        }
    }

    // MARK: Retention

    /// A worker drops what has been kept for long enough, tells of it and counts it; and nothing younger.
    @Test(arguments: [true, false])
    func lettersAreKeptAsLongAsTheyAreToBe(tracked: Bool) async throws {
        try await withBench(tracked: tracked, events: true) { bench in
            let old = try await dead(150, in: bench)
            let worker = bench.worker(.notes(Runs())) {
                $0.deadRetention = .milliseconds(1)
                $0.sweepInterval = .milliseconds(20)
            }
            try await running(worker) {
                try await eventually("all are dropped") { try await bench.deadCount() == 0 }
                try await eventually("all are counted") { worker.counts.dropped == 150 }
            }
            let record = try await bench.record(old[149].job)
            #expect((record["dropped"] != nil) == tracked)
            if tracked { #expect(try await bench.events().count { $0 == "dropped" } == 150) }

            _ = try await dead(1, in: bench)
            let clock = LookClock(faster: 1)
            for retention in [Duration.seconds(3600), nil] {
                let patient = bench.worker(.notes(Runs())) {
                    $0.deadRetention = retention
                    $0.sweepInterval = .milliseconds(20)
                    $0.clock = clock
                }
                let looks = clock.sleeps(upTo: .milliseconds(20))
                try await running(patient) {
                    try await eventually("it has swept") { clock.sleeps(upTo: .milliseconds(20)) > looks + 5 }
                }
                #expect(patient.counts.dropped == 0)
            }
            #expect(try await bench.deadCount() == 1)
        }
    }
}
