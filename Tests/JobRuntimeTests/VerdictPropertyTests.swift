import NIOCore
import TestSupport
import Testing

@testable import JobRuntime

/// What holds of every verdict, whatever the policy, the job and the outcome.
@Suite struct VerdictPropertyTests {
    private static let now: Int64 = 1_700_000_000_000
    private static let year = Duration.seconds(366 * 86_400)

    /// A random policy, and what a job may meet under it.
    private struct Chance {
        var random: SeededGenerator
        let policy: RetryPolicy
        /// The longest wait that the policy itself asks for.
        let longest: Duration

        init(seed: UInt64) {
            var random = SeededGenerator(state: seed)
            if Bool.random(using: &random) {
                let (base, cap) = (Self.duration(&random), Self.duration(&random))
                longest = cap
                policy = RetryPolicy(
                    backoff: .exponential(base: base, cap: cap),
                    maximumAttempts: Int.random(in: 1...12, using: &random),
                    maximumAge: Self.maybe(&random))
            } else {
                let waits = (0..<Int.random(in: 0...4, using: &random)).map { _ in Self.duration(&random) }
                longest = (waits.max() ?? .zero) * 1.1
                policy = RetryPolicy(
                    backoff: .schedule(waits), maximumAttempts: Int.random(in: 1...12, using: &random),
                    maximumAge: Self.maybe(&random))
            }
            self.random = random
        }

        /// Of any order of magnitude from nothing to thirty years.
        static func duration(_ random: inout SeededGenerator) -> Duration {
            .milliseconds(Int64.random(in: 0...1 << Int64.random(in: 0...40, using: &random), using: &random))
        }

        static func maybe(_ random: inout SeededGenerator) -> Duration? {
            Bool.random(using: &random) ? duration(&random) : nil
        }

        mutating func outcome() -> Outcome {
            switch Int.random(in: 0..<3, using: &random) {
            case 0: .snooze(for: Self.duration(&random) - .seconds(1), reason: "paused")
            default: .retry(error: "busy", after: Self.maybe(&random).map { $0 - .seconds(1) })
            }
        }
    }

    /// A job from its first attempt to its end, which takes its time.
    @Test(arguments: 0..<400 as Range<UInt64>)
    func aLifeKeepsToItsLimits(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let policy = chance.policy
        var (meta, attempt, now) = (JobMeta(), 1, Self.now)
        meta.expiresAt = Chance.maybe(&chance.random).map { now + $0.milliseconds }
        for _ in 0..<200 {
            // The handler takes a while.
            now += Chance.duration(&chance.random).milliseconds / 1000
            let outcome = chance.outcome()
            let delivered = Delivered(
                entry: Entry(.normal, EntryID(milliseconds: 5, sequence: 0)), deliveries: 1, job: JobID(), kind: "note",
                attempt: attempt, enqueuedAt: Self.now, payload: ByteBuffer(), meta: meta)
            let verdict = Verdict(delivered: delivered, policy: policy) { now }
            switch verdict.verb(for: outcome, random: Double.random(in: 0..<1, using: &chance.random)) {
            case .delay(let delay):
                expect(delay, follows: outcome, attempt: attempt, chance, age: .milliseconds(now - Self.now))
                let snoozes = delay.cause == .snoozed ? 1 : 0
                #expect((delay.meta ?? meta).snoozes == meta.snoozes + snoozes)
                (attempt, meta) = (delay.attempt, delay.meta ?? meta)
                now += delay.wait.milliseconds
                if let end = meta.expiresAt { #expect(now < end, "it would expire before it begins") }
            case .expired:
                let end = try #require(meta.expiresAt)
                let wait = max(chance.longest, outcome.asked)
                return #expect(now + min(wait, Self.year).milliseconds >= end, "there was time enough")
            case .dead(_, .exhausted, _): return #expect(attempt == policy.maximumAttempts)
            case .dead(_, .tooOld, _):
                let oldest = try #require(policy.maximumAge)
                let wait = max(chance.longest, outcome.asked)
                return #expect(.milliseconds(now - Self.now) + wait > oldest, "it was young enough")
            case let other: Issue.record("\(outcome) came to \(other)")
            }
        }
    }

    private func expect(
        _ delay: Settlement.Delay, follows outcome: Outcome, attempt: Int, _ chance: Chance, age: Duration
    ) {
        #expect(delay.wait >= .zero)
        #expect(delay.wait <= Self.year)
        #expect(delay.wait >= min(outcome.asked, Self.year), "as long as was asked for")
        switch outcome {
        case .snooze:
            #expect(delay.cause == .snoozed)
            #expect(delay.attempt == attempt, "a snooze spends none")
        default:
            #expect(delay.cause == .retrying)
            #expect(delay.attempt == attempt + 1)
            #expect(delay.attempt <= chance.policy.maximumAttempts)
            #expect(delay.wait <= max(chance.longest, outcome.asked), "no longer than anybody wants")
            if let oldest = chance.policy.maximumAge { #expect(age + delay.wait <= oldest) }
        }
    }
}

extension Outcome {
    /// The wait that is asked for.
    fileprivate var asked: Duration {
        switch self {
        case .snooze(let wait, _, _): max(wait, .zero)
        case .retry(_, let after, _): max(after ?? .zero, .zero)
        default: .zero
        }
    }
}
