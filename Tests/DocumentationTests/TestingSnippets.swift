import JobRuntime
import JobTesting
import Logging
import ServiceLifecycle
import TestSupport
import Testing

private struct Welcome: Job, Equatable {
    static let kind = "welcome"

    let to: String
}

private let mail = JobQueue("mail")

/// The code that is tested.
private func signUp(_ name: String, _ client: JobClient) async throws {
    _ = try await client.enqueue(NewJob(Welcome(to: name), queue: mail))
}

/// The code of `Testing.md`.
@Suite(.timeLimit(.minutes(5))) struct TestingSnippets {
    @Test func aWelcomeIsTriedAgain() async throws {
        var handlers = JobHandlers()
        handlers.register(Welcome.self) { _, attempt in
            attempt.number < 3 ? .retry(error: "busy") : .succeeded()
        }
        let runtime = TestRuntime(queues: [mail], handlers: handlers)
        let id = try await runtime.enqueue(NewJob(Welcome(to: "ada"), queue: mail)).id

        await runtime.runUntilIdle()
        #expect(runtime.record(of: id)?.error == "busy")

        #expect(await runtime.advanceToNextDue() == .seconds(2))
        await runtime.advance(by: .seconds(4))
        #expect(runtime.record(of: id)?.state == .succeeded(result: nil))
    }

    @Test func signingUpEnqueuesAWelcome() async throws {
        let runtime = TestRuntime(queues: [mail], handlers: JobHandlers())
        let client = JobClient(store: runtime.store)

        try await signUp("ada", client)
        #expect(try runtime.jobs(Welcome.self, in: mail) == [Welcome(to: "ada")])
    }

    @Test func aChargeSignsUp() async throws {
        let runtime = TestRuntime(queues: [mail, billing]) { store in
            let client = JobClient(store: store)
            var handlers = JobHandlers()
            handlers.register(Welcome.self) { _, _ in .succeeded() }
            handlers.register(Charge.self) { charge, _ in
                try await signUp(charge.order, client)
                return .succeeded()
            }
            return handlers
        }
        try await runtime.enqueue(NewJob(Charge(order: "ada", cents: 1200), queue: billing))
        #expect(await runtime.runUntilIdle() == 2)
    }

    @Test func aSecondDeliveryIsNotSent() async throws {
        var handlers = JobHandlers()
        handlers.register(Welcome.self) { _, attempt in
            attempt.deliveries > 1 ? .unknown(error: "may have been sent") : .succeeded()
        }
        let runtime = TestRuntime(queues: [mail], handlers: handlers)
        let job = try NewJob(Welcome(to: "ada"), queue: mail)
        #expect(try await runtime.perform(job, deliveries: 2) == .unknown(error: "may have been sent"))
    }

    @Test func aWelcomeThatTakesTooLongIsTriedAgain() async throws {
        let clock = ManualClock()
        let store = JobStore.inMemory(clock: clock)
        var handlers = JobHandlers()
        handlers.register(Welcome.self, timeout: .seconds(10)) { _, attempt in
            if attempt.number == 1 { try await clock.sleep(for: .seconds(3600)) }
            return .succeeded()
        }
        var options = WorkerOptions()
        options.clock = clock
        let logger = Logger.quiet
        let worker = Worker(queues: [mail], handlers: handlers, store: store, options: options, logger: logger)
        let services = ServiceGroup(services: [worker], logger: logger)
        async let stopped: Void = services.run()

        let job = try NewJob(Welcome(to: "ada"), queue: mail)
        _ = try await JobClient(store: store).enqueue([job])[0].get()
        while worker.counts.done == 0 { await clock.advance(by: .milliseconds(250)) }

        await services.triggerGracefulShutdown()
        try await stopped
    }
}
