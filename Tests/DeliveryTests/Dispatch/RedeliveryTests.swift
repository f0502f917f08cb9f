import JobRuntime
import JobTesting
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// A worker died in the middle of an attempt: what it had begun is found out first.
@Suite(.timeLimit(.minutes(5))) struct RedeliveryTests {
    typealias Scripted = ScriptedProvider

    private func redeliver(
        _ bench: DispatchBench, _ id: JobID = JobID(), memo: Memo? = nil
    ) async throws -> Outcome {
        var job = try NewJob(sms, id: id, queue: DispatchBench.queue)
        job.meta.memo = memo?.jobMemo.text
        return try await bench.runtime.perform(job, deliveries: 2)
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
            #expect(Memo(memo?.text).doubts?.map(\.provider) == ["one"])
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
            for expected in [["one", "two"], ["one"]] {
                guard case .snooze(_, _, let memo) = try await redeliver(bench, id) else {
                    Issue.record("sent on the chance")
                    return
                }
                #expect(Memo(memo?.text).doubts?.map(\.provider) == expected)
                // The trail is of that attempt only: the next one is queued later, whatever its number.
                await bench.runtime.clock.advance(by: .seconds(1))
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
            guard case .snooze(let wait, _, _) = outcome, wait > Memo.Doubt.callbackTime - .seconds(10) else {
                Issue.record("\(outcome)")
                return
            }
            #expect(one.sent == 0, "a callback may still tell")
        }
    }

    /// The worker that died was about to find out what an earlier try had come to, and may have gone on from there.
    @Test func anOldDoubtDoesNotHideANewOne() async throws {
        let (one, two) = (Scripted("one", findings: [.found([])]), Scripted("two"))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            let id = JobID()
            let now = bench.runtime.clock.unixMilliseconds
            try await bench.state.leaveTrail(of: id, queuedAt: now, ["one", "two"])
            let old = Memo.Doubt(provider: "one", since: 5, overAt: 5, countsAsAttempt: true)
            guard case .snooze(_, _, let memo) = try await redeliver(bench, id, memo: Memo(doubts: [old])) else {
                Issue.record("sent on the chance")
                return
            }
            #expect(Memo(memo?.text).doubts?.map(\.provider) == ["one", "two"])
            #expect(Memo(memo?.text).doubts?.first?.overAt == now, "its time to settle begins anew")
            #expect(Memo(memo?.text).doubts?.first?.since == 5, "but it was begun when it was")
            #expect(Memo(memo?.text).doubts?.first?.countsAsAttempt == true)
        }
    }

    /// A person sends it again; that it had arrived in its life before is found out.
    @Test func aRedrivenMessageIsAskedForFirst() async throws {
        let found = Finding.found([Receipt(provider: "one", id: "SM1")])
        let one = Scripted("one", .refused(Scripted.fault()), findings: [found])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            #expect(bench.status(of: id) == .failed)
            _ = try await bench.runtime.store.deadLetters.redrive(DispatchBench.queue.name, .all)
            await bench.runtime.runUntilIdle()
            #expect(bench.result(of: id) == #"{"provider":"one","id":"SM1","found":true}"#)
            #expect(one.sent == 1)
        }
    }

    /// Whose it was when claims are forgotten nobody can tell.
    @Test func aMessageFromLongAgoIsNotTakenForThisOne() async throws {
        var old = Receipt(provider: "one", id: "SM1")
        old.at = 1_800_000_000_000 - 7 * 3_600_000
        let one = Scripted("one", findings: [.found([old])])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            guard case .unknown = try await redeliver(bench) else {
                Issue.record("adopted, or sent on the chance")
                return
            }
            let id = JobID()
            #expect(try await bench.state.claim("SM1", of: "one", for: id))
            #expect(
                try await redeliver(bench, id) == .succeeded(result: #"{"provider":"one","id":"SM1","found":true}"#))
        }
    }

    /// Who can tell is asked, whoever cannot stands before.
    @Test func allAreAskedBeforeAnybodyGivesUp() async throws {
        let found = Finding.found([Receipt(provider: "two", id: "SM2")])
        try await withDispatcher(Scripted("one"), Scripted("two", findings: [found])) {
            (bench: DispatchBench) async throws in
            let id = JobID()
            try await bench.state.leaveTrail(
                of: id, queuedAt: bench.runtime.clock.unixMilliseconds, ["one", "two"])
            #expect(
                try await redeliver(bench, id) == .succeeded(result: #"{"provider":"two","id":"SM2","found":true}"#))
        }
    }

    @Test func whatStoodStillForLongerThanItsLeaseSendsNothing() async throws {
        let one = Scripted("one")
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let services = DispatchServices(
                state: bench.state, jobs: bench.client, breakers: Breakers(clock: SystemClock(), logger: .quiet),
                random: { 0 })
            let lost = Attempt(
                job: JobID(), kind: SMS.kind, queue: DispatchBench.queue.name, number: 1, deliveries: 1, enqueuedAt: 0,
                consumer: "host-1-a", logger: .quiet, isHeld: { false })
            guard
                case .snooze(for: .zero, _, _) = try await Dispatcher([Route(one)], services: services)
                    .run(sms, attempt: lost)
            else {
                Issue.record("sent")
                return
            }
            #expect(one.sent == 0)
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
