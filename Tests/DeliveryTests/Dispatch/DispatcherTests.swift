import JobRuntime
import JobTesting
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// What becomes of a message when its providers say this and that.
@Suite(.timeLimit(.minutes(5))) struct DispatcherTests {
    typealias Scripted = ScriptedProvider

    @Test func theFirstProviderThatTakesItIsTheOnlyOne() async throws {
        let (one, two) = (Scripted("one"), Scripted("two"))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            #expect(bench.result(of: id) == #"{"provider":"one","id":"one-1"}"#)
            #expect((one.sent, two.sent) == (1, 0))
        }
    }

    @Test func aRefusalIsTheEndAndNoOtherProviderIsAsked() async throws {
        let (one, two) = (Scripted("one", .refused(Scripted.fault())), Scripted("two"))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            #expect(bench.runtime.record(of: id)?.state == .dead(reason: .permanent))
            #expect(bench.runtime.record(of: id)?.error == "one 7: it broke. Mend it.")
            #expect(two.sent == 0)
        }
    }

    @Test(arguments: [Verdict.transient(Scripted.fault()), .misconfigured(Scripted.fault())])
    func whatIsNotTheMessagesFaultGoesToTheNextProviderAtOnce(verdict: Verdict) async throws {
        let (one, two) = (Scripted("one", verdict), Scripted("two"))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            #expect(bench.result(of: id) == #"{"provider":"two","id":"two-1"}"#)
            #expect(bench.runtime.record(of: id)?.attempt == 1)
        }
    }

    @Test func aThrottleSpendsNoAttemptAndGoesToNobodyElse() async throws {
        let (one, two) = (Scripted("one", .throttled(Scripted.fault("slow"), after: .seconds(17))), Scripted("two"))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            #expect(bench.snooze(of: id) == "one 7: slow. Mend it.")
            #expect(bench.runtime.record(of: id)?.attempt == 1)
            #expect(await bench.runtime.advanceToNextDue() == .seconds(17))
            #expect(bench.status(of: id) == .sent)
            #expect((one.sent, two.sent) == (2, 0))
        }
    }

    @Test func aThrottleThatNamesNoTimeIsWaitedOutLongerEachTime() async throws {
        let slow = Verdict.throttled(Scripted.fault("slow"), after: nil)
        let one = Scripted("one", slow, slow, slow)
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            for expected in [1, 2, 4] { #expect(await bench.runtime.advanceToNextDue() == .seconds(expected)) }
            #expect(bench.status(of: id) == .sent)
            #expect(bench.runtime.record(of: id)?.attempt == 1)
        }
    }

    /// A provider that says 0, or a moment that has passed, would be asked without end.
    @Test func aThrottleIsNeverOverAtOnce() async throws {
        let now = Verdict.throttled(Scripted.fault("slow"), after: .zero)
        try await withDispatcher(Scripted("one", now, now)) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            for expected in [1, 2] { #expect(await bench.runtime.advanceToNextDue() == .seconds(expected)) }
            #expect(bench.status(of: id) == .sent)
        }
    }

    @Test func whatIsWrongWithOneMessageStopsNoOthers() async throws {
        let one = Scripted("one")
        for _ in 0..<30 { one.then(.transient(Scripted.fault(scope: .message), after: .seconds(3600))) }
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            for _ in 0..<30 { _ = try await bench.run() }
            let next = try await bench.run()
            #expect(bench.status(of: next) == .sent)
        }
    }

    @Test func whenAllFailTheAttemptIsSpentAndEveryReasonIsTold() async throws {
        let one = Scripted("one", .transient(Scripted.fault("down"), after: .seconds(9)))
        let two = Scripted("two", .misconfigured(Scripted.fault("barred")))
        try await withDispatcher(one, two) { (bench: DispatchBench) async throws in
            let id = try await bench.run()
            let record = try #require(bench.runtime.record(of: id))
            guard case .retrying = record.state else {
                Issue.record("\(record.state)")
                return
            }
            #expect(record.error == "one 7: down. Mend it. | one 7: barred. Mend it.")
            #expect(record.attempt == 2)
            #expect(await bench.runtime.advanceToNextDue() == .seconds(9))
            #expect(bench.status(of: id) == .sent)
        }
    }

    @Test func wrongSettingsAreAPersonsToMendAndCostNoAttempt() async throws {
        let one = Scripted("one", .misconfigured(Scripted.fault("bad key")))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let first = try await bench.run()
            #expect(bench.snooze(of: first) == "one 7: bad key. Mend it.")
            // The breaker is open: the next message does not even try.
            let second = try await bench.run()
            #expect(bench.snooze(of: second) == "the breaker of one is open")
            #expect(one.sent == 1)
            await bench.runtime.advance(by: .seconds(70))
            #expect(bench.status(of: first) == .sent && bench.status(of: second) == .sent)
            #expect(bench.runtime.record(of: first)?.attempt == 1)
        }
    }

    @Test(arguments: [Fault.Scope.sender, .message])
    func aWrongSenderStopsOnlyItself(scope: Fault.Scope) async throws {
        let one = Scripted("one", .misconfigured(Scripted.fault("bad sender", scope: scope)))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            _ = try await bench.run()
            let same = try await bench.run()
            #expect(bench.status(of: same) == (scope == .sender ? .retrying : .sent))
            var other = sms
            other.from = "+15005550099"
            let next = try await bench.run(other)
            #expect(bench.status(of: next) == .sent)
        }
    }

    @Test func anExpiredMessageIsNotSent() async throws {
        let one = Scripted("one", .transient(Scripted.fault(), after: .seconds(4)))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run(expiresIn: .seconds(3))
            #expect(bench.status(of: id) == .expired)
            #expect(one.sent == 1)
        }
    }

    @Test func whatOneCannotDeliverInTimeAnotherMay() async throws {
        let one = Scripted("one", .throttled(Scripted.fault("slow"), after: .seconds(60)))
        try await withDispatcher(one, Scripted("two")) { (bench: DispatchBench) async throws in
            let id = try await bench.run(expiresIn: .seconds(30))
            #expect(bench.result(of: id) == #"{"provider":"two","id":"two-1"}"#)
        }
        let late = Scripted("one", .expired(Scripted.fault("too late")))
        try await withDispatcher(late) { (bench: DispatchBench) async throws in
            let id = try await bench.run(expiresIn: .seconds(30))
            #expect(bench.status(of: id) == .expired)
            #expect(bench.runtime.record(of: id)?.error == "one 7: too late. Mend it.")
        }
    }

    @Test func aMemoThatAnotherVersionWroteIsNoHindrance() {
        #expect(Memo(#"{"doubts":"many"}"#) == .empty && Memo("?") == .empty && Memo(nil).jobMemo == "")
        var memo = Memo()
        memo.turn = Memo.Turn(provider: "one", at: 5)
        memo.doubts = [Memo.Doubt(provider: "one", since: 3, overAt: 4, asked: 1, countsAsAttempt: true)]
        #expect(Memo(memo.jobMemo.text) == memo && memo.jobMemo.inDoubt)
        memo.doubts = nil
        #expect(!memo.jobMemo.inDoubt, "a turn is no doubt")
    }
}
