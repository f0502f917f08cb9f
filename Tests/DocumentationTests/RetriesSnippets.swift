import JobRuntime
import JobTesting
import Testing

/// The code of `Retries.md`.
@Suite(.timeLimit(.minutes(5))) struct RetriesSnippets {
    private let charge = Charge(order: "7", cents: 1200)

    private func handlers(_ payments: Payments) -> JobHandlers {
        var handlers = JobHandlers()
        handlers.register(Charge.self) { job, attempt in
            switch try await payments.charge(job.cents, key: "\(attempt.job)") {
            case .paid(let id): .succeeded(result: #"{"payment":"\#(id)"}"#)
            case .tooManyRequests(let wait): .retry(error: "too many requests", after: wait)
            case .closed(let wait): .snooze(for: wait, reason: "the provider is closed")
            case .declined(let reason): .dead(reason: .permanent, error: reason)
            case .cutOff: .unknown(error: "the answer was cut off")
            }
        }
        return handlers
    }

    @Test func everyOutcome() async throws {
        for (answer, state, seconds) in [
            (Payments.Answer.paid(id: "1"), JobRecord.State.succeeded(result: #"{"payment":"1"}"#), 0),
            (.tooManyRequests(wait: .seconds(40)), .succeeded(result: #"{"payment":"p-1200"}"#), 40),
            (.closed(wait: .seconds(3600)), .succeeded(result: #"{"payment":"p-1200"}"#), 3600),
            (.declined(reason: "no money"), .dead(reason: .permanent), 0), (.cutOff, .unknown, 0),
        ] {
            let runtime = TestRuntime(queues: [billing], handlers: handlers(Payments(answer)))
            let job = try NewJob(charge, queue: billing)
            #expect(try await runtime.outcome(of: job) == state)
            #expect(runtime.clock.now == .seconds(seconds))
        }
    }

    @Test func anAttemptLeavesAMemoForTheNext() async throws {
        let payments = Payments()
        var handlers = JobHandlers()
        handlers.register(Charge.self) { job, attempt in
            if let payment = attempt.meta.memo {
                return .succeeded(result: #"{"payment":"\#(payment)"}"#)
            }
            guard case .paid(let id) = try await payments.charge(job.cents) else { return .retry(error: "not paid") }
            return .snooze(for: .seconds(60), reason: "waiting until it is booked", memo: JobMemo(id))
        }
        let runtime = TestRuntime(queues: [billing], handlers: handlers)
        let state = try await runtime.outcome(of: NewJob(charge, queue: billing))
        #expect(state == .succeeded(result: #"{"payment":"p-1200"}"#))
        #expect(payments.keys.count == 1)
    }

    @Test func aPolicyOfTheKindsOwn() async throws {
        var handlers = JobHandlers()
        let policy = RetryPolicy(
            backoff: .schedule([.seconds(5), .seconds(60), .seconds(600)]), maximumAttempts: 8,
            maximumAge: .seconds(86_400))
        handlers.register(Charge.self, policy: policy, timeout: .seconds(30)) { _, _ in
            .retry(error: "busy")
        }
        let runtime = TestRuntime(queues: [billing], handlers: handlers, jitter: 0)
        #expect(try await runtime.outcome(of: NewJob(charge, queue: billing)) == .dead(reason: .exhausted))
        #expect(runtime.clock.now == .seconds(5 + 60 + 5 * 600))
    }

    @Test func aJobThatExpires() async throws {
        let runtime = TestRuntime(queues: [billing], handlers: .charges { _, _ in .retry(error: "busy") })
        let now = runtime.clock.unixMilliseconds
        let job = try NewJob(charge, queue: billing, expiresAt: now + 5000)
        #expect(try await runtime.outcome(of: job) == .expired)
    }

    @Test func deadLettersAreListedAndRedriven() async throws {
        let payments = Payments(.declined(reason: "no money"), .declined(reason: "card stolen"))
        let runtime = TestRuntime(queues: [billing], handlers: handlers(payments))
        let store = runtime.store
        for _ in 0..<2 { _ = try await runtime.outcome(of: NewJob(charge, queue: billing)) }

        let letters = store.deadLetters
        for letter in try await letters.list("billing", limit: 20).letters {
            print(letter.id, letter.kind, letter.reason.rawValue, letter.error)
        }
        let meant = DeadLetterFilter(kind: Charge.kind, error: "no money")
        let tally = try await letters.redrive("billing", .matching(meant), perSecond: 50)
        print("\(tally.done) of \(tally.matched) are tried again")

        #expect(tally.done == 1)
        #expect(try await letters.count("billing", .all) == [.permanent: 1])
        #expect(await runtime.runUntilIdle() == 1)
    }
}
