import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Jobs that somebody has deleted by hand, or that Redis has forgotten.
@Suite struct RestoreScriptTests {
    private func lost(_ id: JobID, in bench: Bench, attempt: Int = 1, lane: Lane = .normal) -> RestoredJob {
        RestoredJob(
            id: id, queue: bench.queue, kind: Note.kind, payload: ByteBuffer(string: "{\"number\":7}"),
            attempt: attempt, enqueuedAt: 1234, lane: lane)
    }

    private func restore(_ jobs: [RestoredJob], in bench: Bench) async throws -> [Restoration] {
        try await JobStore(bench.store).restore(jobs)
    }

    private func locate(_ id: JobID, in bench: Bench) async throws -> JobLocation? {
        try await JobStore(bench.store).locate([(id, bench.queue.name)]).first
    }

    @Test func whatIsDeletedByHandIsLostAndPutBackOnce() async throws {
        try await withBench { bench in
            let retried = try await bench.delivered(1, to: "a")[0]
            _ = try await bench.settle([(retried, .retry(after: .seconds(60)))], by: "a")
            let ids = try await bench.enqueue(2) + bench.enqueue(1, from: 2, start: .after(.seconds(60)))
            let all = ids + [retried.job]
            try await bench.redis.ask("DEL", bench.stream)
            try await bench.redis.ask("DEL", bench.keys.scheduled("work"), bench.keys.retry("work"))
            let states = ["queued", "queued", "scheduled", "retrying"]
            for (id, state) in zip(all, states) { #expect(try await locate(id, in: bench) == .lost(state: state)) }

            let jobs = all.map { lost($0, in: bench, attempt: 2) }
            #expect(try await restore(jobs, in: bench) == jobs.map { _ in .restored })
            #expect(try await restore(jobs, in: bench) == jobs.map { _ in .found(.waiting) })
            #expect(try await bench.length() == 4)
            for id in all {
                let record = try await bench.record(id)
                #expect(
                    record.keys.sorted() == ["at", "attempt", "entry", "kind", "meta", "payload", "queue", "state"],
                    "as of a job that was just enqueued")
                #expect(record["attempt"] == "2")
            }
        }
    }

    @Test func aWorkerThatHoldsWhatWasDeletedMayEndIt() async throws {
        try await withBench { bench in
            let held = try await bench.delivered(2, to: "a")
            for job in held { try await bench.redis.ask("XDEL", bench.stream, "\(job.entry.id)") }
            for job in held {
                #expect(try await locate(job.job, in: bench) == .running)
                #expect(try await restore([lost(job.job, in: bench)], in: bench) == [.found(.running)])
            }
            // One ends it, the other gives it up.
            _ = try await bench.settle([(held[0], .done)], by: "a")
            _ = try await bench.settle([(held[1], .release(isUntouched: false))], by: "a")
            #expect(try await locate(held[0].job, in: bench) == .finished(state: "done"))
            #expect(try await locate(held[1].job, in: bench) == .lost(state: "queued"))
            #expect(try await restore([lost(held[1].job, in: bench)], in: bench) == [.restored])
            #expect(try await locate(held[1].job, in: bench) == .waiting)
        }
    }

    @Test func aDeadLetterThatIsGoneIsLostAndLeftAlone() async throws {
        try await withBench { bench in
            let jobs = try await bench.delivered(2, to: "a")
            _ = try await bench.settle([(jobs[0], .dead()), (jobs[1], .unknown)], by: "a")
            try await bench.redis.ask("DEL", bench.keys.dead("work"))
            for (job, state) in zip(jobs, ["dead", "unknown"]) {
                let location = JobLocation.lost(state: state)
                #expect(try await locate(job.job, in: bench) == location)
                #expect(try await restore([lost(job.job, in: bench)], in: bench) == [.found(location)])
            }
            #expect(try await bench.length() == 0)
        }
    }

    @Test func aRecordThatSomebodyBrokeIsNoHindranceToTheOthers() async throws {
        try await withBench { bench in
            let ids = try await bench.enqueue(2)
            try await bench.redis.ask("HSET", bench.keys.record(ids[0]), "entry", "nonsense")
            let locations = try await JobStore(bench.store).locate(ids.map { ($0, "work") })
            #expect(locations == [.lost(state: "queued"), .waiting])
        }
    }

    @Test func aRestoredJobIsTold() async throws {
        try await withBench(events: true) { bench in
            let due = try await bench.redis.now() + 60_000
            var later = lost(JobID(), in: bench, lane: .high)
            later.start = due
            let now = lost(JobID(), in: bench, attempt: 3)
            _ = try await restore([now, later], in: bench)
            _ = try await restore([now, later], in: bench)
            var events = try await bench.entries(bench.keys.events)
            for index in events.indices {
                #expect(try abs(#require(events[index]["at"].flatMap { Int64($0) }) - (due - 60_000)) < 60_000)
                events[index]["at"] = nil
            }
            var expected = [
                "type": "restored", "id": "\(now.id)", "queue": "work", "kind": Note.kind, "attempt": "3",
                "lane": "normal", "data": "{\"number\":7}",
            ]
            #expect(events.first == expected)
            expected.merge(["id": "\(later.id)", "attempt": "1", "lane": "high", "due": "\(due)"]) { $1 }
            #expect(events.last == expected)
            #expect(events.count == 2)
            #expect(try await bench.record(now.id)["payload"] != nil, "though a ledger is kept")
        }
    }

    @Test func whatOthersHaveSaidOfAJobStays() async throws {
        try await withBench { bench in
            let id = try await bench.enqueue(1)[0]
            let report = JobReport(name: "sent", rank: 5, detail: "{}", token: "t", provesEffect: true)
            #expect(try await bench.client.report(report, of: id) == .applied)
            try await bench.redis.ask("DEL", bench.stream)
            #expect(try await restore([lost(id, in: bench)], in: bench) == [.restored])
            #expect(try await bench.client.record(of: id)?.report?.name == "sent")
            #expect(try await bench.client.report(report, of: id) == .duplicate)
            let delivered = try await bench.deliver(1, to: "a")
            _ = try await bench.settle([(delivered[0], .dead())], by: "a")
            #expect(try await bench.client.record(of: id)?.state == .succeeded(result: "{}"), "it is proved")
        }
    }

    @Test func whatIsOutOfAllRangeIsAJobAllTheSame() async throws {
        try await withBench { bench in
            var odd = lost(JobID(), in: bench, attempt: -4)
            odd.enqueuedAt = -5
            _ = try await restore([odd], in: bench)
            let delivered = try await bench.deliver(1, to: "a")
            #expect(delivered.map(\.job) == [odd.id])
            #expect(delivered.map(\.attempt) == [1])
        }
    }

    /// Whatever moves meanwhile, each job is somewhere at each moment.
    @Test func noJobIsEverMissedWhileItMoves() async throws {
        try await withBench { bench in
            let handlers = JobHandlers.notes(Runs()) { note, attempt in
                switch (note.number + attempt.number) % 4 {
                case 0: .retry(error: "again", after: .milliseconds(5))
                case 1: attempt.meta.snoozes < 2 ? .snooze(for: .milliseconds(5), reason: "later") : .succeeded()
                case 2: .dead(reason: .permanent, error: "no")
                default: .succeeded()
                }
            }
            try await running(bench.worker(handlers), bench.worker(handlers)) {
                let ids = Locked<[JobID]>([])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for round in 0..<40 {
                            let new = try await bench.enqueue(15, from: round * 15, lane: Lane.allCases[round % 3])
                            ids.update { $0 += new }
                        }
                    }
                    var seen: Set<String> = []
                    var isOver = false
                    while !isOver {
                        let asked = ids.value
                        let locations = try await JobStore(bench.store).locate(asked.map { ($0, "work") })
                        for location in locations {
                            switch location {
                            case .absent, .elsewhere, .lost: Issue.record("missed: \(location)")
                            default: seen.insert("\(location)")
                            }
                        }
                        isOver = asked.count == 600 && locations.allSatisfy(\.isOver)
                    }
                    try await group.waitForAll()
                    #expect(seen.count > 4, "\(seen)")
                }
            }
        }
    }
}

extension JobLocation {
    fileprivate var isOver: Bool {
        switch self {
        case .dead, .finished: true
        default: false
        }
    }
}
