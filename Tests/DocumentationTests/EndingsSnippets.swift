import JobRuntime
import JobTesting
import NIOCore
import Testing

private let mail = JobQueue("mail")

struct ChargeHandler: JobHandler {
    let payments: Payments

    func run(_ job: Charge, attempt: Attempt) async throws -> Outcome {
        guard case .paid = try await payments.charge(job.cents) else {
            return .dead(reason: .permanent, error: "not paid")
        }
        return .succeeded()
    }

    func followUps(to ending: Ending, of payload: ByteBuffer, attempt: Attempt) -> [NewJob] {
        guard case .succeeded = ending else { return [] }
        return [
            NewJob(id: .derived(from: attempt.job, "receipt"), queue: mail, kind: "send-receipt", payload: payload)
        ]
    }
}

/// The code of `Endings.md`.
@Suite(.timeLimit(.minutes(5))) struct EndingsSnippets {
    @Test func aReceiptFollowsACharge() async throws {
        var handlers = JobHandlers()
        handlers.register(ChargeHandler(payments: Payments(.paid(id: "1"), .declined(reason: "no money"))))
        let runtime = TestRuntime(queues: [billing], handlers: handlers)
        let jobs = try (0..<2).map { try NewJob(Charge(order: "\($0)", cents: 1200), queue: billing) }
        for job in jobs { try await runtime.enqueue(job) }
        #expect(await runtime.runUntilIdle() == 2)
        #expect(runtime.jobs(in: mail).map(\.id) == [.derived(from: jobs[0].id, "receipt")])
    }

    @Test func aReportProvesThatAHeldChargeWasMade() async throws {
        let runtime = TestRuntime(queues: [billing], handlers: .charges { _, _ in .unknown(error: "cut off") })
        let client = JobClient(store: runtime.store)
        let id = try await runtime.enqueue(NewJob(Charge(order: "7", cents: 1200), queue: billing)).id
        await runtime.runUntilIdle()
        #expect(runtime.record(of: id)?.state == .unknown)
        try await book(id, client, callback: "callback-1")
        try await book(id, client, callback: "callback-1")
        #expect(runtime.record(of: id)?.state == .succeeded(result: #"{"account":7}"#))
        #expect(runtime.record(of: id)?.report?.name == "booked")
    }

    private func book(_ id: JobID, _ client: JobClient, callback: String) async throws {
        let report = JobReport(name: "booked", rank: 2, detail: #"{"account":7}"#, token: callback, provesEffect: true)
        switch try await client.report(report, of: id) {
        case .applied, .outranked: print("booked")
        case .duplicate: print("told before")
        case .notFound: print("no such job, or it ended long ago")
        }
    }
}
