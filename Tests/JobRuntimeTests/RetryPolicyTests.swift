import JobRuntime
import Testing

@Suite struct RetryPolicyTests {
    private let exponential = RetryPolicy(
        backoff: .exponential(base: .seconds(2), cap: .seconds(60)), maximumAttempts: 100)

    /// The wait before the next attempt; nil when there is none.
    private func wait(_ policy: RetryPolicy, _ attempt: Int, atLeast: Duration? = nil, random: Double = 1) -> Duration?
    {
        switch policy.next(afterAttempt: attempt, age: .zero, atLeast: atLeast, random: random) {
        case .wait(let wait): wait
        case .exhausted, .tooOld: nil
        }
    }

    @Test func theCeilingDoublesUpToTheCap() {
        let ceilings = (1...7).map { wait(exponential, $0) }
        #expect(ceilings == [2, 4, 8, 16, 32, 60, 60].map { Duration.seconds($0) })
    }

    @Test func fullJitterGoesDownToNothing() {
        #expect(wait(exponential, 3, random: 0) == .zero)
        #expect(wait(exponential, 3, random: 0.5) == .seconds(4))
    }

    @Test func manyAttemptsDoNotOverflow() {
        #expect(wait(exponential, 99) == .seconds(60))
        let patient = RetryPolicy(
            backoff: .exponential(base: .seconds(300), cap: .seconds(86400)), maximumAttempts: .max)
        #expect(wait(patient, .max - 1) == .seconds(86400))
    }

    @Test func aScheduleIsFollowedAndItsLastWaitRepeats() {
        let policy = RetryPolicy(backoff: .schedule([.seconds(1), .seconds(10)]), maximumAttempts: 10)
        #expect((1...4).map { wait(policy, $0, random: 0) } == [1, 10, 10, 10].map { Duration.seconds($0) })
        #expect(wait(policy, 2, random: 1) == .seconds(11))
    }

    @Test func anEmptyScheduleRetriesAtOnce() {
        #expect(wait(RetryPolicy(backoff: .schedule([]), maximumAttempts: 2), 1) == .zero)
    }

    @Test func theLastAttemptIsFollowedByNone() {
        let policy = RetryPolicy(backoff: .schedule([.zero]), maximumAttempts: 3)
        #expect(wait(policy, 2) == .zero)
        #expect(wait(policy, 3) == nil)
        #expect(wait(policy, 4) == nil)
        #expect(wait(policy, 3, atLeast: .seconds(5)) == nil)
    }

    @Test func whatTheOtherSideAskedForWinsOverAShorterWaitOnly() {
        #expect(wait(exponential, 1, atLeast: .seconds(30)) == .seconds(30))
        #expect(wait(exponential, 6, atLeast: .seconds(30)) == .seconds(60))
        #expect(wait(exponential, 1, atLeast: .seconds(600)) == .seconds(600), "the cap is the policy's own")
    }

    @Test func theStandardIsFiveAttempts() {
        #expect(wait(.standard, 4) != nil)
        #expect(wait(.standard, 5) == nil)
    }

    @Test func theMaximumAgeCountsTheWaitToo() {
        var policy = RetryPolicy(backoff: .schedule([.seconds(10)]), maximumAttempts: 3, maximumAge: .seconds(60))
        func next(age: Duration, atLeast: Duration? = nil) -> RetryPolicy.Next {
            policy.next(afterAttempt: 1, age: age, atLeast: atLeast, random: 0)
        }
        #expect(next(age: .seconds(50)) == .wait(.seconds(10)))
        #expect(next(age: .milliseconds(50_001)) == .tooOld)
        #expect(next(age: .zero, atLeast: .seconds(61)) == .tooOld, "what was asked for would be too late")
        policy.maximumAge = nil
        #expect(next(age: .seconds(1_000_000)) == .wait(.seconds(10)))
    }

    @Test func attemptsThatAreSpentCountBeforeAge() {
        let policy = RetryPolicy(backoff: .schedule([.zero]), maximumAttempts: 2, maximumAge: .seconds(1))
        #expect(policy.next(afterAttempt: 2, age: .seconds(9), atLeast: nil, random: 0) == .exhausted)
        #expect(policy.next(afterAttempt: 1, age: .seconds(9), atLeast: nil, random: 0) == .tooOld)
    }
}
