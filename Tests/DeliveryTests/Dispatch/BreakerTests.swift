import JobRuntime
import JobTesting
import Messaging
import TestSupport
import Testing

@testable import Delivery

@Suite struct BreakerTests {
    /// A breaker whose calls a macro can make.
    private final class Subject {
        private(set) var breaker = Breaker()

        var isPristine: Bool { breaker.isPristine }

        func admit(at now: Duration) -> Breaker.Admission { breaker.admit(at: now) }
        func record(_ result: Breaker.Result, at now: Duration) -> Bool { breaker.record(result, at: now) }
        func trip(for wait: Duration, at now: Duration) -> Bool { breaker.trip(for: wait, at: now) }

        func fail(_ times: Int) -> Bool {
            var hasOpened = false
            for _ in 0..<times { hasOpened = record(.failure, at: .zero) || hasOpened }
            return hasOpened
        }
    }

    @Test func opensWhenHalfOfTheLastTriesFailed() {
        let breaker = Subject()
        let hasOpened = breaker.fail(9)
        #expect(!hasOpened)
        #expect(breaker.admit(at: .zero) == .admitted)
        #expect(breaker.record(.failure, at: .zero))
        #expect(breaker.admit(at: .seconds(1)) == .refused(for: .seconds(4)))
    }

    @Test func aFewFailuresAmongManyDoNotOpenIt() {
        let breaker = Subject()
        for number in 0..<1000 { #expect(!breaker.record(number % 5 < 2 ? .failure : .success, at: .zero)) }
        #expect(breaker.admit(at: .zero) == .admitted)
        for _ in 0..<Breaker.window { _ = breaker.record(.success, at: .zero) }
        #expect(breaker.isPristine)
    }

    @Test func whatSaysNothingOfTheDestinationCountsForNothing() {
        let breaker = Subject()
        _ = breaker.fail(9)
        let before = breaker.breaker
        for _ in 0..<100 { _ = breaker.record(.neither, at: .zero) }
        #expect(breaker.breaker == before)
    }

    @Test func oneProbeAtATimeFindsOut() {
        let breaker = Subject()
        _ = breaker.fail(10)
        #expect(breaker.admit(at: .seconds(5)) == .admitted)
        #expect(breaker.admit(at: .seconds(5)) == .refused(for: .seconds(1)))
        #expect(!breaker.record(.success, at: .seconds(6)))
        #expect(breaker.isPristine)
    }

    @Test func eachFailedProbeKeepsItOpenForLongerUpToAMinute() {
        let breaker = Subject()
        _ = breaker.fail(10)
        var now = Duration.seconds(5)
        for expected in [10, 20, 40, 60, 60] {
            #expect(breaker.admit(at: now) == .admitted)
            #expect(breaker.record(.failure, at: now))
            #expect(breaker.admit(at: now) == .refused(for: .seconds(expected)))
            now += .seconds(expected)
        }
    }

    @Test func aProbeThatCameToNothingOrWasLostIsFollowedByAnother() {
        let breaker = Subject()
        _ = breaker.fail(10)
        #expect(breaker.admit(at: .seconds(5)) == .admitted)
        #expect(!breaker.record(.neither, at: .seconds(6)))
        #expect(breaker.admit(at: .seconds(6)) == .admitted)
        #expect(breaker.admit(at: .seconds(65)) == .refused(for: .seconds(1)))
        #expect(breaker.admit(at: .seconds(66)) == .admitted, "the probe never came back")
    }

    @Test func aTripOpensAtOnceAndIsToldOnce() {
        let breaker = Subject()
        #expect(breaker.trip(for: .seconds(60), at: .zero))
        #expect(!breaker.trip(for: .seconds(60), at: .seconds(10)))
        #expect(breaker.admit(at: .seconds(10)) == .refused(for: .seconds(60)))
        // What was on its way when it opened changes nothing.
        #expect(!breaker.record(.success, at: .seconds(11)))
        #expect(breaker.admit(at: .seconds(69)) == .refused(for: .seconds(1)))
        #expect(breaker.admit(at: .seconds(70)) == .admitted)
    }

    @Test func aRefusalByANarrowBreakerGivesBackTheWideOnesProbe() {
        let clock = StepClock()
        let breakers = Breakers(clock: clock, logger: .quiet)
        breakers.trip("wide", for: .seconds(1), because: ScriptedProvider.fault())
        breakers.trip("narrow", for: .seconds(60), because: ScriptedProvider.fault())
        clock.now = .seconds(2)
        let refusal = breakers.refusal(of: ["wide", "narrow"])
        #expect(refusal?.name == "narrow")
        #expect(breakers.refusal(of: ["wide", "other"]) == nil, "the wide one's probe was not used up")
    }
}
