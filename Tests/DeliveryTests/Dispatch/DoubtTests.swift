import JobRuntime
import JobTesting
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// A try was cut off: it is not repeated before it is known, or decided, that it may be.
@Suite(.timeLimit(.minutes(5))) struct DoubtTests {
    typealias Scripted = ScriptedProvider

    private static let cutOff = Verdict.ambiguous(Scripted.fault("cut off"))

    private static func receipt(_ id: String) -> Delivery.Receipt { Receipt(provider: "one", id: id, segments: 1) }

    @Test func whatTheProviderHasIsAdoptedAndNotSentAgain() async throws {
        let one = Scripted("one", Self.cutOff, findings: [.found([Self.receipt("SM1")])])
        try await withDispatcher(one, Scripted("two")) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            #expect(bench.snooze(of: id) == "one 7: cut off. Mend it.")
            await bench.runtime.advance(by: .seconds(30))
            #expect(bench.result(of: id) == #"{"provider":"one","id":"SM1","segments":1,"found":true}"#)
            #expect(one.sent == 1)
            // Asked for what was made since the try, give or take what clocks differ by.
            let since = try #require(one.asked.first) + 60_000
            #expect((1_800_000_000_000..<1_800_000_060_000).contains(since))
        }
    }

    @Test func whatTheProviderDoesNotHaveIsSentAgainButNotAtOnce() async throws {
        let one = Scripted("one", Self.cutOff, findings: [.found([])])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            await bench.runtime.advance(by: Judgement.pauseBeforeAsking)
            #expect(one.asked.count == 1)
            await bench.runtime.advance(by: Memo.Doubt.settlingTime - Judgement.pauseBeforeAsking - .seconds(1))
            #expect(one.sent == 1, "what was taken in the last moment may not show yet")
            await bench.runtime.advance(by: .seconds(20))
            #expect(bench.result(of: id) == #"{"provider":"one","id":"one-2"}"#)
            #expect(one.sent == 2)
            #expect(bench.runtime.record(of: id)?.attempt == 2, "the try that was cut off counts")
        }
    }

    /// Two jobs with one text to one recipient, of which one arrived: each message at the provider is one job's.
    @Test func aMessageOfAnotherJobIsNotTakenForThisOne() async throws {
        let one = Scripted("one", Self.cutOff, Self.cutOff, findings: [.found([Self.receipt("SM1")])])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let (first, second) = (try await bench.run(), try await bench.run())
            await bench.runtime.advance(by: .seconds(60))
            let results = [bench.result(of: first), bench.result(of: second)]
            let found = #"{"provider":"one","id":"SM1","segments":1,"found":true}"#
            #expect(results.filter { $0 == found }.count == 1)
            #expect(results.contains(#"{"provider":"one","id":"one-3"}"#))
            #expect(one.sent == 3)
        }
    }

    @Test func whatWasSentInTheOrdinaryWayIsItsJobsAsWell() async throws {
        let one = Scripted(
            "one", .accepted(Self.receipt("SM1")), Self.cutOff, findings: [.found([Self.receipt("SM1")])])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            _ = try await bench.run()
            let second = try await bench.run()
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.result(of: second) == #"{"provider":"one","id":"one-3"}"#)
        }
    }

    @Test func aProviderThatCannotAnswerIsAskedAgainAndThenAPersonIs() async throws {
        let one = Scripted("one", Self.cutOff, findings: [.unavailable(Scripted.fault("down"))])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            await bench.runtime.advance(by: .seconds(14 * 60))
            #expect(bench.snooze(of: id)?.contains("asking one whether it has been sent") == true)
            let asked = one.asked.count
            #expect((10...40).contains(asked))
            await bench.runtime.advance(by: .seconds(180))
            #expect(bench.status(of: id) == .unknown)
            #expect(bench.runtime.record(of: id)?.error?.contains("posthaste resolve") == true)
            #expect(one.sent == 1)
        }
    }

    @Test(arguments: [nil, OnAmbiguous.hold, .resend])
    func whereNobodyCanTellTheMessageDecides(choice: OnAmbiguous?) async throws {
        let one = Scripted("one", Self.cutOff)
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            var message = sms
            message.onAmbiguous = choice
            let id = try await bench.run(message)
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == (choice == .resend ? .sent : .unknown))
            #expect(one.sent == (choice == .resend ? 2 : 1))
            guard choice != .resend else { return }
            // A person decides to send it again.
            _ = try await bench.runtime.store.deadLetters.redrive(
                DispatchBench.queue.name, .all, includingUnknown: true)
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == .sent)
            #expect(one.sent == 2)
        }
    }

    @Test func aCallbackSettlesWhatCannotBeAsked() async throws {
        let one = Scripted("one", Self.cutOff)
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            let report = JobReport(
                name: "delivered", rank: 100, detail: #"{"provider":"one","id":"x"}"#, token: "t", provesEffect: true)
            #expect(try await bench.client.report(report, of: id) == .applied)
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == .delivered)
            #expect(bench.result(of: id) == #"{"provider":"one","id":"x"}"#)
            #expect(one.sent == 1)
        }
    }

    @Test func aLateCallbackEndsWhatIsHeld() async throws {
        let one = Scripted("one", Self.cutOff)
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == .unknown)
            let report = JobReport(name: "sent", rank: 80, detail: "{}", token: "t", provesEffect: true)
            #expect(try await bench.client.report(report, of: id) == .applied)
            #expect(bench.status(of: id) == .sent)
            #expect(bench.runtime.deadLetters(of: DispatchBench.queue).isEmpty)
        }
    }

    @Test func whatMayHaveBeenSentNeverEndsAsExpired() async throws {
        // Expires while the provider is being asked, which then finds it.
        let found = Scripted("one", Self.cutOff, findings: [.found([]), .found([Self.receipt("SM1")])])
        try await withDispatcher(found) { (bench: DispatchBench) async throws in
            let id = try await bench.run(expiresIn: .seconds(5))
            await bench.runtime.advance(by: .seconds(30))
            #expect(bench.status(of: id) == .sent)
        }
        // Does not find it: now it is known, and too late to send it.
        let absent = Scripted("one", Self.cutOff, findings: [.found([])])
        try await withDispatcher(absent) { (bench: DispatchBench) async throws in
            let id = try await bench.run(expiresIn: .seconds(5))
            await bench.runtime.advance(by: .seconds(30))
            #expect(bench.status(of: id) == .expired)
            #expect(absent.sent == 1)
        }
        // Cannot be asked: nobody knows, whatever the message wants.
        let unknowable = Scripted("one", Self.cutOff)
        try await withDispatcher(unknowable) { (bench: DispatchBench) async throws in
            var message = sms
            message.onAmbiguous = .resend
            let id = try await bench.run(message, expiresIn: .seconds(5))
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == .unknown)
        }
    }

    @Test func answersFollowFromTheFindingAndTheAge() {
        let doubt = Memo.Doubt(provider: "one", since: 0, overAt: 1000, countsAsAttempt: true)
        let fault = Scripted.fault()
        let rows: [(Finding, Int64, Memo.Doubt.Answer)] = [
            (.found([]), 1000, .later(.seconds(10))), (.found([]), 10_999, .later(.milliseconds(1))),
            (.found([]), 11_000, .notSent), (.found([Self.receipt("SM1")]), 11_000, .notSent),
            (.unavailable(fault), 1000, .later(.seconds(2))), (.unavailable(fault), 901_000, .unknowable),
            (.unknowable, 20_999, .later(.milliseconds(1))), (.unknowable, 21_000, .unknowable),
            // A clock that ran backwards is no reason to hurry.
            (.found([]), 0, .later(.seconds(10))),
        ]
        for (finding, now, expected) in rows { #expect(doubt.answer(finding, now: now) == expected) }
    }

    /// Another job may have sent just this, and be about to claim it.
    @Test func whatIsYoungIsNotAdoptedBeforeItsOwnerHadTheTime() async throws {
        var young = Self.receipt("SM1")
        young.at = 1_800_000_000_000
        let one = Scripted("one", Self.cutOff, findings: [.found([young])])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            await bench.runtime.advance(by: .seconds(12))
            #expect(bench.snooze(of: id)?.contains("asking one") == true)
            let owner = JobID()
            #expect(try await bench.state.claim("SM1", of: "one", for: owner))
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.result(of: id) == #"{"provider":"one","id":"one-2"}"#, "it was another's")
        }
        let again = Scripted("one", Self.cutOff, findings: [.found([young])])
        try await withDispatcher(again) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            await bench.runtime.advance(by: .seconds(20))
            #expect(bench.result(of: id)?.contains("SM1") == true, "nobody else's")
        }
    }

    /// A callback comes between the attempts, when nothing is in doubt any more.
    @Test func aCallbackIsHeardBeforeEveryFurtherAttempt() async throws {
        let one = Scripted("one", .transient(Scripted.fault(), after: .seconds(30)))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            let report = JobReport(name: "sent", rank: 80, detail: "{}", token: "t", provesEffect: true)
            _ = try await bench.client.report(report, of: id)
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.result(of: id) == "{}")
            #expect(one.sent == 1)
        }
    }

    @Test func whatIsSentAgainOnTheChanceDoesNotEndAsNotSent() async throws {
        for end in [Verdict.refused(Scripted.fault()), .expired(Scripted.fault()), .transient(Scripted.fault())] {
            let one = Scripted("one", Self.cutOff)
            for _ in 0..<12 { one.then(end) }
            try await withDispatcher(one) { (bench: DispatchBench) async throws in
                var message = sms
                message.onAmbiguous = .resend
                let id = try await bench.run(message)
                await bench.runtime.advance(by: .seconds(4000))
                #expect(bench.status(of: id) == .unknown, "\(end)")
            }
        }
    }

    @Test func whatIsInDoubtCannotBeCancelled() async throws {
        let one = Scripted("one", Self.cutOff, findings: [.found([])])
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            #expect(try await bench.client.cancel(id) == .running)
            await bench.runtime.advance(by: .seconds(14))
            #expect(bench.status(of: id) == .sent)
        }
    }
}
