import JobRuntime
import JobTesting
import Testing

/// The code of `DeliveryGuarantees.md`.
@Suite(.timeLimit(.minutes(5))) struct DeliveryGuaranteesSnippets {
    private let job: NewJob

    init() throws { job = try NewJob(Charge(order: "7", cents: 1200), queue: billing) }

    @Test func aKeyMakesTheSecondChargeTheFirst() async throws {
        let payments = Payments()
        var handlers = JobHandlers()
        handlers.register(Charge.self) { job, attempt in
            // The provider takes a second charge with the same key for the first one.
            _ = try await payments.charge(job.cents, key: "\(attempt.job)")
            return .succeeded()
        }
        let runtime = TestRuntime(queues: [billing], handlers: handlers)
        #expect(try await runtime.outcome(of: job) == .succeeded(result: nil))
        #expect(payments.keys == ["\(job.id)"])
    }

    @Test func withoutAKeyASecondDeliveryIsHeld() async throws {
        let payments = Payments()
        var handlers = JobHandlers()
        handlers.register(Charge.self) { job, attempt in
            // An earlier delivery may have charged already, and nothing tells whether it has.
            guard attempt.deliveries == 1 else { return .unknown(error: "an earlier worker died charging") }
            _ = try await payments.charge(job.cents)
            return .succeeded()
        }
        let runtime = TestRuntime(queues: [billing], handlers: handlers)
        #expect(try await runtime.perform(job) == .succeeded())
        #expect(try await runtime.perform(job, deliveries: 2) == .unknown(error: "an earlier worker died charging"))
        #expect(payments.keys.count == 1)
    }

    private func enqueue(_ job: NewJob, _ client: JobClient) async throws(EnqueueError) -> Receipt {
        do throws(EnqueueError) {
            return try await client.enqueue(job)
        } catch {
            switch error {
            case .unavailable, .full, .conflict:
                // Certainly not in the queue.
                throw error
            case .uncertain:
                // The same id again: if the job is there already, this does nothing.
                return try await client.enqueue(job)
            }
        }
    }

    @Test func aJobIsEnqueuedOnceHoweverOftenItIsTried() async throws {
        let runtime = TestRuntime(queues: [billing], handlers: .charges { _, _ in .succeeded() })
        let client = JobClient(store: runtime.store)
        async let _ = client.run()
        #expect(try await enqueue(job, client).isDuplicate == false)
        #expect(try await enqueue(job, client).isDuplicate)
        #expect(runtime.jobs(in: billing).count == 1)
    }
}
