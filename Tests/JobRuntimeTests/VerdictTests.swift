import NIOCore
import Testing

@testable import JobRuntime

/// What outcome, policy, age and expiry together come to.
@Suite struct VerdictTests {
    private static let now: Int64 = 1_700_000_000_000
    private static let day: Int64 = 86_400_000

    private let policy = RetryPolicy(backoff: .schedule([.seconds(3)]), maximumAttempts: 2)

    private func verdict(
        attempt: Int = 1, deliveries: Int = 1, age: Int64 = 0, policy: RetryPolicy? = nil,
        meta: (inout JobMeta) -> Void = { _ in }
    ) -> Verdict {
        var jobMeta = JobMeta()
        meta(&jobMeta)
        let delivered = Delivered(
            entry: Entry(.normal, EntryID(milliseconds: 5, sequence: 0)), deliveries: deliveries, job: JobID(),
            kind: "note", attempt: attempt, enqueuedAt: Self.now - age, payload: ByteBuffer(), meta: jobMeta)
        return Verdict(delivered: delivered, policy: policy ?? self.policy) { Self.now }
    }

    private func verb(_ outcome: Outcome, attempt: Int = 1) -> Settlement.Verb {
        verdict(attempt: attempt).verb(for: outcome, random: 0)
    }

    private func retrying(_ wait: Duration, attempt: Int, _ error: String, meta: JobMeta? = nil) -> Settlement.Verb {
        .delay(.init(.retrying, wait: wait, attempt: attempt, text: error, meta: meta))
    }

    @Test func successIsDoneWithOrWithoutAResult() {
        #expect(verb(.succeeded()) == .done(result: ""))
        #expect(verb(.succeeded(result: "{\"a\":1}"), attempt: 9) == .done(result: "{\"a\":1}"))
    }

    @Test func aFailureIsFollowedByTheNextAttempt() {
        #expect(verb(.retry(error: "busy")) == retrying(.seconds(3), attempt: 2, "busy"))
    }

    @Test func theProvidersWaitIsKept() {
        #expect(
            verb(.retry(error: "slow down", after: .seconds(90))) == retrying(.seconds(90), attempt: 2, "slow down"))
    }

    @Test func theLastFailureIsADeadLetterThatSaysWhichAttemptItWas() {
        #expect(
            verb(.retry(error: "busy", after: .seconds(1)), attempt: 2)
                == .dead(state: .dead, reason: .exhausted, error: "attempt 2 of 2: busy"))
    }

    @Test func aSnoozeSpendsNoAttemptHoweverManyThereWereAndIsCounted() {
        for (attempt, snoozes) in [(1, 0), (2, 1), (50, 9)] {
            var meta = JobMeta(lane: .high, expiresAt: .max)
            meta.snoozes = snoozes
            let verdict = verdict(attempt: attempt) { $0 = meta }
            meta.snoozes += 1
            #expect(
                verdict.verb(for: .snooze(for: .seconds(60), reason: "paused"), random: 0)
                    == .delay(.init(.snoozed, wait: .seconds(60), attempt: attempt, text: "paused", meta: meta)))
        }
    }

    @Test func deadIsDeadOnTheFirstAttempt() {
        #expect(
            verb(.dead(reason: .permanent, error: "no such number"))
                == .dead(state: .dead, reason: .permanent, error: "no such number"))
        let own = DeadReason(rawValue: "suppressed")
        #expect(verb(.dead(reason: own, error: "")) == .dead(state: .dead, reason: own, error: ""))
    }

    @Test func unknownIsHeldAndNeverTriedAgain() {
        #expect(verb(.unknown(error: "cut off")) == .dead(state: .unknown, reason: .unknown, error: "cut off"))
    }

    // MARK: Expiry

    /// What has had its effect counts, however late; what would begin again at or after the end does not begin.
    @Test(arguments: [-1, 0, 1, 2999, 3000, 3001] as [Int64])
    func expiryEndsOnlyWhatWouldBeBegunAgainTooLate(left: Int64) {
        let verdict = verdict { $0.expiresAt = Self.now + left }
        let isOver = left <= 3000
        #expect(verdict.verb(for: .succeeded(), random: 0) == .done(result: ""))
        #expect(
            verdict.verb(for: .dead(reason: .permanent, error: "no"), random: 0)
                == .dead(state: .dead, reason: .permanent, error: "no"))
        #expect(
            verdict.verb(for: .unknown(error: "?"), random: 0)
                == .dead(state: .unknown, reason: .unknown, error: "?"))
        #expect(
            verdict.verb(for: .retry(error: "busy"), random: 0)
                == (isOver
                    ? .expired(error: "no time for another attempt: busy") : retrying(.seconds(3), attempt: 2, "busy")))
        let snooze = verdict.verb(for: .snooze(for: .seconds(3), reason: "paused"), random: 0)
        if isOver {
            #expect(snooze == .expired(error: "its time is over before paused"))
        } else {
            guard case .delay(let delay) = snooze else {
                Issue.record("not put off: \(snooze)")
                return
            }
            #expect(delay.cause == .snoozed)
        }
    }

    @Test func whatHasExpiredIsNotBegunAndThatComesBeforePoison() {
        func verb(left: Int64, deliveries: Int) -> Settlement.Verb? {
            verdict(deliveries: deliveries) { $0.expiresAt = Self.now + left }.verbBeforeRun(maximumDeliveries: 3)
        }
        let expired = Settlement.Verb.expired(error: "not begun before its time was over")
        #expect(verb(left: 1, deliveries: 3) == nil)
        #expect(verb(left: 0, deliveries: 1) == expired)
        let doubtful = "its time is over; an earlier delivery was never settled and may have had its effect"
        #expect(
            verb(left: -1, deliveries: 4) == .expired(error: doubtful), "an expired job is no crash loop")
        #expect(
            verb(left: 1, deliveries: 4)
                == .dead(state: .dead, reason: .crashLoop, error: "delivered 4 times and never settled"))
    }

    @Test func whatIsNoJobIsADeadLetter() {
        let entry = Entry(.normal, EntryID(milliseconds: 5, sequence: 0))
        let foreign = Verdict(delivered: .foreign(entry, deliveries: 1), policy: policy) { Self.now }
        #expect(
            foreign.verbBeforeRun(maximumDeliveries: 3)
                == .dead(state: .dead, reason: .undecodable, error: "the entry's fields are not those of a job"))
    }

    // MARK: What a handler settles after the time

    private func settling(
        _ outcome: Outcome, left: Int64? = 0, inDoubt: Bool = false, policy: RetryPolicy? = nil, settles: Bool = true,
        attempt: Int = 1
    ) -> Settlement.Verb {
        var verdict = verdict(attempt: attempt, policy: policy) {
            $0.expiresAt = left.map { Self.now + $0 }
            $0.inDoubt = inDoubt
        }
        verdict.settlesExpired = settles
        return verdict.verb(for: outcome, random: 0)
    }

    private func isDelayed(_ verb: Settlement.Verb) -> Bool { if case .delay = verb { true } else { false } }

    private func isHeld(_ verb: Settlement.Verb) -> Bool {
        if case .dead(state: .unknown, _, _) = verb { true } else { false }
    }

    @Test func aHandlerThatSettlesWhatExpiredIsGivenWhatMayBeDone() {
        func verb(deliveries: Int, inDoubt: Bool, settles: Bool) -> Settlement.Verb? {
            var verdict = verdict(deliveries: deliveries) {
                $0.expiresAt = Self.now - 1
                $0.inDoubt = inDoubt
            }
            verdict.settlesExpired = settles
            return verdict.verbBeforeRun(maximumDeliveries: 3)
        }
        #expect(verb(deliveries: 2, inDoubt: false, settles: true) == nil)
        #expect(verb(deliveries: 1, inDoubt: true, settles: true) == nil)
        #expect(
            verb(deliveries: 1, inDoubt: false, settles: true) == .expired(error: "not begun before its time was over"))
        #expect(verb(deliveries: 2, inDoubt: true, settles: false).map(isHeld) == true, "it may have been done")
        guard case .dead(state: .unknown, reason: .crashLoop, _)? = verb(deliveries: 4, inDoubt: true, settles: true)
        else {
            Issue.record("what kills its workers may have been done")
            return
        }
    }

    private static let doubt = JobMemo("a", inDoubt: true)

    @Test(
        arguments: [
            (Outcome.snooze(for: .seconds(3), reason: "", memo: doubt), false, true),
            (.snooze(for: .seconds(3), reason: ""), true, true), (.snooze(for: .seconds(3), reason: ""), false, false),
            (.snooze(for: .seconds(3), reason: "", memo: "a"), true, false),
            (.retry(error: "", memo: doubt), false, true), (.retry(error: ""), true, true),
            (.retry(error: ""), false, false), (.retry(error: "", memo: ""), true, false),
        ] as [(Outcome, Bool, Bool)])
    func whatIsInDoubtIsGoneOnWithAfterItsTime(outcome: Outcome, inDoubt: Bool, goesOn: Bool) {
        for left in [-1, 0, 3000] as [Int64] {
            #expect(isDelayed(settling(outcome, left: left, inDoubt: inDoubt)) == goesOn)
            let other = settling(outcome, left: left, inDoubt: inDoubt, settles: false)
            #expect(!isDelayed(other) && isHeld(other) == goesOn)
        }
        #expect(isDelayed(settling(outcome, left: 3001, inDoubt: inDoubt, settles: false)))
    }

    @Test func whatIsInDoubtNeverEndsAsNotDone() {
        let policy = RetryPolicy(backoff: .schedule([.zero]), maximumAttempts: 3, maximumAge: .seconds(2))
        let asking = Outcome.snooze(for: .seconds(3), reason: "asking", memo: Self.doubt)
        for verb in [
            settling(asking, left: nil, policy: policy),
            settling(asking, left: nil, policy: policy, settles: false),
            settling(.retry(error: "busy", memo: Self.doubt), left: nil, policy: policy, attempt: 3),
            settling(.retry(error: "busy", after: .seconds(9)), left: nil, inDoubt: true, policy: policy),
        ] {
            #expect(isHeld(verb), "\(verb)")
        }
        #expect(
            settling(.retry(error: "busy", memo: "a"), left: nil, inDoubt: true, policy: policy, attempt: 3)
                == .dead(state: .dead, reason: .exhausted, error: "attempt 3 of 3: busy"), "the doubt was settled")
    }

    // MARK: Memos

    @Test func aMemoStaysUntilAnotherComesAndGoesWithAnEmptyOne() {
        func memo(_ said: JobMemo?, after: String?, _ outcome: (JobMemo?) -> Outcome) -> String? {
            let verb = verdict { $0.memo = after }.verb(for: outcome(said), random: 0)
            guard case .delay(let delay) = verb else { return "not put off" }
            // No meta: the entry's own stays.
            return delay.meta.map(\.memo) ?? after
        }
        for outcome in [{ .retry(error: "", memo: $0) }, { .snooze(for: .zero, reason: "", memo: $0) }]
            as [(JobMemo?) -> Outcome]
        {
            #expect(memo(nil, after: nil, outcome) == nil)
            #expect(memo(nil, after: "a", outcome) == "a")
            #expect(memo("b", after: "a", outcome) == "b")
            #expect(memo("b", after: nil, outcome) == "b")
            #expect(memo("", after: "a", outcome) == nil)
            #expect(memo("", after: nil, outcome) == nil)
        }
    }

    // MARK: Age

    @Test func theMaximumAgeEndsSnoozesToo() {
        let policy = RetryPolicy(backoff: .schedule([.seconds(3)]), maximumAttempts: 9, maximumAge: .seconds(60))
        func verb(
            age: Int64, redriven: Int64? = nil, restored: Int64? = nil, wait: Duration = .seconds(3)
        ) -> Settlement.Verb {
            verdict(age: age, policy: policy) {
                $0.redrivenAt = redriven.map { Self.now - $0 }
                $0.restoredAt = restored.map { Self.now - $0 }
            }
            .verb(for: .snooze(for: wait, reason: "paused"), random: 0)
        }
        let tooOld = Settlement.Verb.dead(
            state: .dead, reason: .tooOld, error: "too old to be put off again: paused")
        #expect(isDelayed(verb(age: 57_000)))
        #expect(verb(age: 57_001) == tooOld)
        #expect(verb(age: 0, wait: .milliseconds(60_001)) == tooOld)
        #expect(isDelayed(verb(age: Self.day, redriven: 57_000)))
        #expect(isDelayed(verb(age: Self.day, restored: 57_000)))
        #expect(isDelayed(verb(age: Self.day, redriven: 57_000, restored: Self.day)))
        #expect(verb(age: Self.day, redriven: 57_001) == tooOld)
        #expect(verb(age: Self.day, restored: 57_001) == tooOld)
    }

    @Test func theMaximumAgeEndsTheAttempts() {
        let policy = RetryPolicy(backoff: .schedule([.seconds(3)]), maximumAttempts: 9, maximumAge: .seconds(60))
        func verb(age: Int64, redriven: Int64? = nil) -> Settlement.Verb {
            verdict(age: age, policy: policy) { $0.redrivenAt = redriven.map { Self.now - $0 } }
                .verb(for: .retry(error: "busy"), random: 0)
        }
        let tooOld = Settlement.Verb.dead(
            state: .dead, reason: .tooOld, error: "attempt 1, too old for another: busy")
        #expect(verb(age: 57_000) == retrying(.seconds(3), attempt: 2, "busy"))
        #expect(verb(age: 57_001) == tooOld)
        #expect(verb(age: Self.day, redriven: 57_000) == retrying(.seconds(3), attempt: 2, "busy"))
        #expect(verb(age: Self.day, redriven: 57_001) == tooOld, "redriven is young again, but not for ever")
    }

    // MARK: Parked

    @Test func aKindThatNobodyKnowsIsParkedUpToADay() {
        func verb(parked ago: Int64?) -> Settlement.Verb {
            verdict(attempt: 7) { $0.parkedAt = ago.map { Self.now - $0 } }.verbWithoutHandler()
        }
        func parked(since ago: Int64) -> Settlement.Verb {
            var meta = JobMeta()
            meta.parkedAt = Self.now - ago
            return .delay(
                .init(.parked, wait: .seconds(30), attempt: 7, text: "no handler for kind note", meta: meta))
        }
        #expect(verb(parked: nil) == parked(since: 0))
        #expect(verb(parked: Self.day - 1) == parked(since: Self.day - 1), "the first time counts")
        #expect(
            verb(parked: Self.day)
                == .dead(state: .dead, reason: .noHandler, error: "no handler for kind note within a day"))
    }

    @Test func whatFoundAHandlerIsNotParkedAnyMore() {
        let verdict = verdict { $0.parkedAt = Self.now - 1000 }
        var snoozed = JobMeta()
        snoozed.snoozes = 1
        #expect(
            verdict.verb(for: .retry(error: "busy"), random: 0)
                == retrying(.seconds(3), attempt: 2, "busy", meta: JobMeta()))
        #expect(
            verdict.verb(for: .snooze(for: .zero, reason: "paused"), random: 0)
                == .delay(.init(.snoozed, wait: .zero, attempt: 1, text: "paused", meta: snoozed)))
    }

    // MARK: Waits

    @Test func noWaitIsLongerThanAYearOrShorterThanNothing() {
        let year = Duration.seconds(366 * 86_400)
        let endless = RetryPolicy(backoff: .schedule([.seconds(1_000_000_000_000)]), maximumAttempts: 2)
        #expect(
            verdict(policy: endless).verb(for: .retry(error: ""), random: 0) == retrying(year, attempt: 2, ""))
        #expect(
            verb(.retry(error: "", after: .seconds(Int64.max / 2))) == retrying(year, attempt: 2, ""))
        for (asked, kept) in [(Duration.seconds(Int64.max / 2), year), (.seconds(-5), .zero)] {
            guard case .delay(let delay) = verb(.snooze(for: asked, reason: "")) else {
                Issue.record("not put off")
                return
            }
            #expect(delay.wait == kept)
        }
    }

    @Test func durationsAreCountedInWholeMilliseconds() {
        #expect(Duration.seconds(90).milliseconds == 90_000)
        #expect(Duration.microseconds(1999).milliseconds == 1)
        #expect(Duration.zero.milliseconds == 0)
    }
}
