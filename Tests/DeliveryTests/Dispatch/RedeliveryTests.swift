import JobRuntime
import JobTesting
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// A worker died in the middle of an attempt: what it had begun is found out first.
@Suite(.timeLimit(.minutes(2))) struct RedeliveryTests {
    typealias Scripted = ScriptedProvider

    private func redeliver(_ bench: DispatchBench, _ message: SMS = sms, attempt number: Int = 1, _ id: JobID = JobID())
        async throws -> Outcome
    {
        try await bench.runtime.perform(
            NewJob(message, id: id, queue: DispatchBench.queue), number: number, deliveries: 2)
    }

    @Test func theFirstProviderIsAskedBeforeAnythingIsSent() async throws {
        let one = Scripted("one", findings: [.found([Receipt(provider: "one", id: "SM1")])])
        try await withDispatcher(one, Scripted("two")) { (bench: DispatchBench) async throws in
            #expect(
                try await redeliver(bench) == .succeeded(result: #"{"provider":"one","id":"SM1","found":true}"#))
            #expect(one.sent == 0)
        }
    }

    @Test func aProviderThatTheDeadWorkerDidNotGoToIsNoDoubt() async throws {
        // The second cannot be asked, but it was the first's turn.
        let (one, two) = (Scripted("one", findings: [.found([])]), Scripted("two"))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            guard case .snooze(_, _, let memo) = try await redeliver(bench) else {
                Issue.record("not asked again")
                return
            }
            #expect(Memo(memo).doubts?.map(\.provider) == ["one"])
        }
    }

    @Test func aFailoverLeavesATrailForWhoComesAfter() async throws {
        let one = Scripted("one", .transient(Scripted.fault()), findings: [.found([])])
        let two = Scripted("two", .transient(Scripted.fault()))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            let id = JobID()
            _ = try await bench.runtime.perform(NewJob(sms, id: id, queue: DispatchBench.queue))
            #expect(two.sent == 1)
            // It died with the second provider's answer on the way.
            // The trail is of that attempt only.
            for (number, expected) in [(1, ["one", "two"]), (2, ["one"])] {
                guard case .snooze(_, _, let memo) = try await redeliver(bench, attempt: number, id) else {
                    Issue.record("sent on the chance")
                    return
                }
                #expect(Memo(memo).doubts?.map(\.provider) == expected)
            }
            #expect((one.sent, two.sent) == (1, 1))
        }
    }

    @Test func whoWantsItTwiceRatherThanNotAtAllGetsIt() async throws {
        let one = Scripted("one")
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            var message = sms
            message.onAmbiguous = .resend
            let id = JobID()
            let outcome = try await bench.runtime.perform(
                NewJob(message, id: id, queue: DispatchBench.queue), deliveries: 2)
            guard case .snooze(for: Memo.Doubt.callbackTime, _, _) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(one.sent == 0, "a callback may still tell")
        }
    }

    @Test func aWebhookIsSimplySentAgain() async throws {
        try await withDispatcher(Scripted("one")) { (bench: DispatchBench) async throws in
            let services = DispatchServices(
                state: bench.state, jobs: bench.client, breakers: Breakers(clock: SystemClock(), logger: .quiet),
                random: { 0 })
            let dispatcher = Dispatcher([Route(Idempotent())], services: services)
            let outcome = try await dispatcher.run(
                Webhook(from: "a", to: "https://x.test", body: "{}"), attempt: attempt(kind: "webhook", deliveries: 2))
            #expect(outcome == .succeeded(result: #"{"provider":"hook"}"#))
        }
    }

    private struct Idempotent: Provider {
        let name = "hook"
        let isIdempotent = true

        func send(_ message: Webhook, attempt: Attempt) async -> Verdict { .accepted(Receipt(provider: name)) }
    }
}
