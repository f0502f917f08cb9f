import JobRuntime
import NIOCore
import Testing

extension Conformance {
    /// What is known of a job in each state.
    @Suite struct Records {
        @Test(arguments: Ground.allCases)
        func ofAJobThatNeverWasThereIsNone(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let record = try await bench.store.record(of: JobID())
                #expect(record == nil)
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobIsQueuedUntilItIsDelivered(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try bench.note(7, lane: .low)
                let reply = try await bench.enqueue([job])
                var expected = JobRecord(
                    id: job.id, queue: "work", kind: "note", state: .queued, attempt: 1, enqueuedAt: reply.at)
                expected.lane = .low
                expected.payload = ByteBuffer(string: "{\"number\":7}")
                var record = try #require(try await bench.store.record(of: job.id))
                record.entry = nil
                #expect(record == expected)

                let delivered = try await bench.deliver(1, to: "a", lane: .low)
                let running = try #require(try await bench.store.record(of: job.id))
                #expect(running.entry == delivered[0].entry.id.description)
                guard case .running("a", _, 1) = running.state else {
                    Issue.record("not running: \(running.state)")
                    return
                }
            }
        }

        @Test(arguments: Ground.allCases)
        func aRunningJobTellsWhoHasItAndSinceWhen(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                _ = try await bench.reclaim(by: "b")
                try await bench.pass(20)
                guard case .running("b", let idle, 2) = try await bench.state(job[0].job) else {
                    Issue.record("not running by b")
                    return
                }
                #expect(idle >= 20)
                #expect(idle < 600_000)
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobThatWasHandedBackIsQueued(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                _ = try await bench.settle(.release(isUntouched: true), job)
                #expect(try await bench.state(job[0].job) == .queued)
            }
        }

        @Test(arguments: Ground.allCases, [true, false])
        func aFailedJobTellsOfItsAttemptAndWhenTheNextIsDue(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let job = try await bench.delivered(lane: .high)[0]
                _ = try await bench.settle(.retry(in: .seconds(60), attempt: 2), [job])
                let record = try #require(try await bench.store.record(of: job.job))
                let settledAt = try #require(record.settledAt)
                #expect(record.state == .retrying(due: settledAt + 60_000))
                #expect(record.attempt == 2)
                #expect(record.error == "busy")
                #expect(record.consumer == "a")
                #expect(record.deliveries == 1)
                #expect(record.startedAt == settledAt - 12)
                #expect(record.lane == .high)
                #expect(record.enqueuedAt == job.enqueuedAt)
                #expect(record.payload == job.payload)
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobThatWasPutOffTellsWhy(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(2)
                _ = try await bench.settle(.snooze(for: .seconds(60)), [jobs[0]])
                _ = try await bench.settle(.park(for: .seconds(30)), [jobs[1]])
                let snoozed = try #require(try await bench.store.record(of: jobs[0].job))
                let parked = try #require(try await bench.store.record(of: jobs[1].job))
                #expect(snoozed.state == .snoozed(due: (snoozed.settledAt ?? 0) + 60_000, reason: "not yet"))
                #expect(parked.state == .parked(due: (parked.settledAt ?? 0) + 30_000))
                #expect((snoozed.attempt, parked.attempt) == (1, 1))
                #expect(snoozed.error == nil)
            }
        }

        @Test(arguments: Ground.allCases)
        func aDoneJobHasItsResult(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(2)
                _ = try await bench.settle(.done(result: "{\"sid\":1}"), [jobs[0]])
                _ = try await bench.settle(.done(result: ""), [jobs[1]])
                let record = try #require(try await bench.store.record(of: jobs[0].job))
                #expect(record.state == .succeeded(result: "{\"sid\":1}"))
                #expect(record.consumer == "a")
                #expect(try await bench.state(jobs[1].job) == .succeeded(result: nil))
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobThatFailedForGoodHasItsReason(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(3)
                _ = try await bench.settle(.dead, [jobs[0]])
                _ = try await bench.settle(.unknown, [jobs[1]])
                _ = try await bench.settle(.expired(error: "late"), [jobs[2]])
                let dead = try #require(try await bench.store.record(of: jobs[0].job))
                #expect(dead.state == .dead(reason: .permanent))
                #expect(dead.error == "no such number")
                #expect(dead.entry == (try await bench.letters().first?.id.description))
                let unknown = try #require(try await bench.store.record(of: jobs[1].job))
                #expect(unknown.state == .unknown)
                #expect(unknown.error == "cut off")
                let expired = try #require(try await bench.store.record(of: jobs[2].job))
                #expect(expired.state == .expired)
                #expect(expired.error == "late")
            }
        }

        @Test(arguments: Ground.allCases)
        func theErrorOfAnEarlierAttemptStays(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                _ = try await bench.settle(.retry(), job)
                try await bench.promote(.retry)
                let again = try await bench.deliver(1, to: "b")
                #expect(again.map(\.attempt) == [2])
                _ = try await bench.settle(.done(result: ""), again, by: "b")
                let record = try #require(try await bench.store.record(of: job[0].job))
                #expect(record.state.isSuccess)
                #expect(record.error == "busy")
                #expect(record.attempt == 2)
            }
        }

        @Test(
            arguments: Ground.allCases,
            [
                Settlement.Verb.done(result: ""), .expired(error: "late"), .discarded(reason: .permanent, error: "x"),
                .dead, .unknown, .retry(),
            ])
        func aRecordGoesSomeTimeAfterTheEndAndNotBefore(ground: Ground, verb: Settlement.Verb) async throws {
            try await withStore(ground, recordTTL: .milliseconds(60)) { bench in
                let job = try await bench.delivered()
                _ = try await bench.settle(verb, job)
                try await bench.pass(60)
                let isEnd =
                    switch verb {
                    case .done, .expired, .discarded: true
                    default: false
                    }
                #expect(try await (bench.store.record(of: job[0].job) == nil) == isEnd)
            }
        }

        @Test(arguments: Ground.allCases)
        func aCanceledJobIsForgottenAndItsIDIsFree(ground: Ground) async throws {
            try await withStore(ground, recordTTL: .milliseconds(60)) { bench in
                let job = try bench.note()
                try await bench.enqueue(job)
                _ = try await bench.store.cancel(job.id)
                try await bench.pass(60)
                #expect(try await bench.state(job.id) == nil)
                #expect(try await bench.enqueue(job) == nil)
            }
        }

        @Test(arguments: Ground.allCases)
        func anUntrackedJobHasNoneBeforeItWaitsAndNoneAfter(ground: Ground) async throws {
            try await withStore(ground, tracked: false) { bench in
                let job = try await bench.delivered()[0].job
                #expect(try await bench.state(job) == nil)
                _ = try await bench.settle(.retry(), bench.reclaim(by: "b").delivered, by: "b")
                #expect(try await bench.state(job) != nil)
                try await bench.promote(.retry)
                #expect(try await bench.state(job) == nil)
                _ = try await bench.settle(.dead, bench.deliver(1, to: "a"))
                #expect(try await bench.state(job) == nil)
            }
        }
    }
}
