import Foundation
import JobRuntime
import JobTesting
import TestSupport
import Testing

/// The code of `Scheduling.md`.
@Suite(.timeLimit(.minutes(5))) struct SchedulingSnippets {
    private let charge = Charge(order: "7", cents: 1200)
    private let runtime = TestRuntime(queues: [billing], handlers: .charges { _, _ in .succeeded() })

    @Test func aDelayedJob() async throws {
        let moment = runtime.clock.unixMilliseconds + 3_600_000

        let inAnHour = try NewJob(charge, queue: billing, start: .after(.seconds(3600)))
        let atAMoment = try NewJob(charge, queue: billing, start: .at(moment))

        for job in [inAnHour, atAMoment] { try await runtime.enqueue(job) }
        #expect(await runtime.advance(by: .seconds(3599)) == 0)
        #expect(await runtime.advance(by: .seconds(1)) == 2)
    }

    @Test func aUniqueJob() async throws {
        let client = JobClient(store: runtime.store)
        async let _ = client.run()

        let job = try NewJob(
            charge, queue: billing, unique: .init("order-7", for: .seconds(86_400), scope: .unfinished))
        let receipt = try await client.enqueue(job)
        if receipt.isDuplicate { print("under way already, as \(receipt.id)") }

        var second = job
        second.id = JobID()
        let answer = try await client.enqueue(second)
        #expect(answer.isDuplicate)
        #expect(answer.id == job.id)
        await runtime.runUntilIdle()
        #expect(try await client.enqueue(second).isDuplicate == false)
    }

    @Test func aRequestThatIsMadeAgain() async throws {
        let client = JobClient(store: runtime.store)

        var job = try NewJob(charge, queue: billing)
        job.idempotency = .init(key: "request-42", fingerprint: "sha256 of its body")

        let first = try await client.enqueue([job])[0].get()
        job.id = JobID()
        let again = try await client.enqueue([job])[0].get()
        #expect(again == Receipt(id: first.id, enqueuedAt: first.enqueuedAt, isDuplicate: true))
        job.idempotency?.fingerprint = "another"
        #expect(await client.enqueue([job]) == [.failure(.conflict(first.id))])
    }

    @Test func cancelling() async throws {
        let client = JobClient(store: runtime.store)
        let id = try await runtime.enqueue(NewJob(charge, queue: billing)).id
        for expected in ["will not run", "has ended: canceled"] {
            let said: String
            switch try await client.cancel(id) {
            case .canceled: said = "will not run"
            case .running: said = "runs, and cannot be taken back"
            case .ended(let state): said = "has ended: \(state)"
            case .notFound: said = "nothing is known of it"
            }
            #expect(said == expected)
        }
        #expect(await runtime.runUntilIdle() == 0)
    }

    @Test func recurringJobs() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let nightly = RecurringJob(
            "nightly-invoices", .cron(try CronExpression("30 2 * * *"), timeZone: berlin)
        ) { tick in
            try NewJob(SendInvoices(until: tick), queue: billing, lane: .low)
        }
        let hourly = RecurringJob(
            "hourly-charge", try .every(.seconds(3600)), missed: .skip(olderThan: .seconds(300)),
            job: Charge(order: "rent", cents: 500), queue: billing)
        #expect([nightly, hourly].map(\.schedule) == ["nightly-invoices", "hourly-charge"])
    }

    /// 02:30 of the day on which it is left out is a tick at 03:00.
    @Test func theTicksOfARecurrence() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let night = Recurrence.cron(try CronExpression("30 2 * * *"), timeZone: berlin)
        let evening = try #require(Moment("2026-03-28T18:00:00Z"))
        #expect(night.next(after: evening.milliseconds).map(Moment.init) == Moment("2026-03-29T01:00:00Z"))
    }
}
