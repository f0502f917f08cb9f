import Testing

@testable import JobRuntime

/// What outcome and policy together come to.
@Suite struct SettlementVerbTests {
    private let policy = RetryPolicy(backoff: .schedule([.seconds(3)]), maximumAttempts: 2)

    private func verb(_ outcome: Outcome, attempt: Int = 1) -> Settlement.Verb {
        Settlement.Verb(outcome, attempt: attempt, policy: policy, random: 0)
    }

    @Test func successIsDoneWithOrWithoutAResult() {
        #expect(verb(.succeeded()) == .done(result: ""))
        #expect(verb(.succeeded(result: "{\"a\":1}"), attempt: 9) == .done(result: "{\"a\":1}"))
    }

    @Test func aFailureIsFollowedByTheNextAttempt() {
        #expect(verb(.retry(error: "busy")) == .retry(wait: .seconds(3), attempt: 2, error: "busy"))
    }

    @Test func theProvidersWaitIsKept() {
        #expect(
            verb(.retry(error: "slow down", after: .seconds(90)))
                == .retry(wait: .seconds(90), attempt: 2, error: "slow down"))
    }

    @Test func theLastFailureIsADeadLetterThatSaysWhichAttemptItWas() {
        #expect(
            verb(.retry(error: "busy", after: .seconds(1)), attempt: 2)
                == .dead(state: "dead", reason: .exhausted, error: "attempt 2 of 2: busy"))
    }

    @Test func aSnoozeSpendsNoAttemptHoweverManyThereWere() {
        for attempt in [1, 2, 50] {
            #expect(
                verb(.snooze(for: .seconds(60), reason: "paused"), attempt: attempt)
                    == .retry(wait: .seconds(60), attempt: attempt, error: "paused"))
        }
    }

    @Test func deadIsDeadOnTheFirstAttempt() {
        #expect(
            verb(.dead(reason: .permanent, error: "no such number"))
                == .dead(state: "dead", reason: .permanent, error: "no such number"))
        let own = DeadReason(rawValue: "suppressed")
        #expect(verb(.dead(reason: own, error: "")) == .dead(state: "dead", reason: own, error: ""))
    }

    @Test func unknownIsHeldAndNeverTriedAgain() {
        #expect(verb(.unknown(error: "cut off")) == .dead(state: "unknown", reason: .unknown, error: "cut off"))
    }

    @Test func durationsAreCountedInWholeMilliseconds() {
        #expect(Duration.seconds(90).milliseconds == 90_000)
        #expect(Duration.microseconds(1999).milliseconds == 1)
        #expect(Duration.zero.milliseconds == 0)
    }
}
