import JobRuntime
import JobTesting
import Messaging
import NIOCore
import TestSupport
import Testing

@testable import Delivery

/// Redis had lost a message, and it was put back: it may have been sent in its life before.
@Suite(.timeLimit(.minutes(5))) struct RestoredTests {
    typealias Scripted = ScriptedProvider

    /// Puts a message back that was accepted an hour ago, and runs what is due.
    private func restore(
        _ bench: DispatchBench, _ message: SMS = sms, id: JobID = JobID(), attempt: Int = 1, expiresIn: Int64? = nil,
        startsIn: Int64? = nil
    ) async throws -> JobID {
        let now = bench.runtime.clock.unixMilliseconds
        let payload = try NewJob(message, queue: DispatchBench.queue).payload
        let lost = RestoredJob(
            id: id, queue: DispatchBench.queue, kind: SMS.kind, payload: payload, attempt: attempt,
            enqueuedAt: now - 3_600_000, expiresAt: expiresIn.map { now + $0 }, start: startsIn.map { now + $0 })
        #expect(try await bench.runtime.store.restore([lost]) == [.restored])
        await bench.runtime.runUntilIdle()
        return id
    }

    @Test func whatAnyProviderHasIsAdopted() async throws {
        let found = Finding.found([Receipt(provider: "two", id: "SM2")])
        let (one, two) = (Scripted("one", findings: [.found([])]), Scripted("two", findings: [found]))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            let id = try await restore(bench)
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.result(of: id) == #"{"provider":"two","id":"SM2","found":true}"#)
            #expect((one.sent, two.sent) == (0, 0))
            #expect(one.asked == [1_800_000_000_000 - 3_600_000 - 60_000], "since it was accepted")
        }
    }

    @Test func whatNobodyHasIsSentAndNotAskedForAgain() async throws {
        let one = Scripted(
            "one", .transient(Scripted.fault()), .throttled(Scripted.fault(), after: nil), findings: [.found([])])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await restore(bench, attempt: 2)
            #expect(one.sent == 0, "what was taken in the last moment may not show yet")
            while one.sent == 0 { try #require(await bench.runtime.advanceToNextDue() != nil) }
            let asked = one.asked.count
            await bench.runtime.advance(by: .seconds(300))
            #expect(bench.status(of: id) == .sent)
            #expect(asked > 1 && one.asked.count == asked, "at once, and when it would show; not after that")
            #expect(one.sent == 3)
            #expect(bench.runtime.record(of: id)?.attempt == 3, "asking has spent none")
        }
    }

    @Test(arguments: [nil, OnAmbiguous.resend])
    func whereNobodyCanTellTheMessageDecides(choice: OnAmbiguous?) async throws {
        let one = Scripted("one", .transient(Scripted.fault()))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            var message = sms
            message.onAmbiguous = choice
            let id = try await restore(bench, message)
            #expect(one.sent == 0, "a callback may still tell")
            await bench.runtime.advance(by: .seconds(300))
            #expect(bench.status(of: id) == (choice == .resend ? .sent : .unknown))
            #expect(one.sent == (choice == .resend ? 2 : 0))
            guard choice == nil else { return }
            // A person decides to send it.
            _ = try await bench.runtime.store.deadLetters.redrive(
                DispatchBench.queue.name, .all, includingUnknown: true)
            await bench.runtime.advance(by: .seconds(300))
            #expect(bench.status(of: id) == .sent)
            #expect(one.sent == 2)
        }
    }

    @Test func aCallbackSettlesIt() async throws {
        let one = Scripted("one")
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await restore(bench)
            let report = JobReport(name: "delivered", rank: 100, detail: "{}", token: "t", provesEffect: true)
            #expect(try await bench.client.report(report, of: id) == .applied)
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == .delivered)
            #expect(one.sent == 0)
        }
    }

    @Test func itNeverEndsAsExpiredBeforeItIsKnown() async throws {
        let found = Finding.found([Receipt(provider: "one", id: "SM1")])
        try await withDispatcher(Scripted("one", findings: [found])) { (bench: DispatchBench) async throws in
            let id = try await restore(bench, expiresIn: -1000)
            #expect(bench.status(of: id) == .sent)
        }
        try await withDispatcher(Scripted("one")) { (bench: DispatchBench) async throws in
            let id = try await restore(bench, expiresIn: -1000)
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == .unknown)
        }
    }

    @Test func oneThatWasNotDueYetIsSentInItsTime() async throws {
        let one = Scripted("one", .transient(Scripted.fault()))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await restore(bench, startsIn: 60_000)
            #expect(bench.status(of: id) == .pending)
            await bench.runtime.advance(by: .seconds(300))
            #expect(bench.status(of: id) == .sent)
            #expect(one.sent == 2, "the second attempt knows that there was nothing to be asked")
        }
    }

    /// The worker that was the first to have it died: both its try and those in the life before are in doubt.
    @Test func aWorkerThatDiesOnItTakesNoDoubtAway() async throws {
        let (one, two) = (Scripted("one"), Scripted("two"))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            var job = try NewJob(sms, queue: DispatchBench.queue)
            let now = bench.runtime.clock.unixMilliseconds
            job.meta.restoredAt = now
            guard case .snooze(_, _, let left) = try await bench.runtime.perform(job, deliveries: 2) else {
                Issue.record("sent on the chance")
                return
            }
            let memo = Memo(left?.text)
            #expect(Set(memo.doubts?.map(\.provider) ?? []) == ["one", "two"])
            #expect(memo.restored == now)
        }
    }

    @Test func oneThatIsLostAgainIsAskedForAgain() async throws {
        let one = Scripted("one", findings: [.unavailable(Scripted.fault())])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            var job = try NewJob(sms, queue: DispatchBench.queue)
            let now = bench.runtime.clock.unixMilliseconds
            var memo = Memo()
            memo.restored = now - 1
            (job.meta.memo, job.meta.restoredAt) = (memo.jobMemo.text, now)
            guard case .snooze(_, _, let left) = try await bench.runtime.perform(job) else {
                Issue.record("sent on the chance")
                return
            }
            #expect(Memo(left?.text).doubts?.map(\.provider) == ["one"])
            #expect(Memo(left?.text).restored == now)
        }
    }

    @Test func aWebhookSimplyGoesAgain() async throws {
        try await withDispatcher(Scripted("one")) { (bench: DispatchBench) async throws in
            let services = DispatchServices(
                state: bench.state, jobs: bench.client, breakers: Breakers(clock: SystemClock(), logger: .quiet),
                random: { 0 })
            var meta = JobMeta()
            meta.restoredAt = 1
            let attempt = Attempt(
                job: JobID(), kind: Webhook.kind, queue: "webhook", number: 1, deliveries: 1, enqueuedAt: 0,
                meta: meta, consumer: "host-1-a", logger: .quiet)
            let outcome = try await Dispatcher([Route(Idempotent())], services: services).run(
                Webhook(from: "a", to: "https://x.test", body: "{}"), attempt: attempt)
            #expect(outcome == .succeeded(result: #"{"provider":"hook"}"#))
        }
    }

    private struct Idempotent: Provider {
        let name = "hook"
        let isIdempotent = true

        func send(_ message: Webhook, attempt: Attempt) async -> Verdict { .accepted(Receipt(provider: name)) }
    }
}
