/// When a failed attempt is followed by another, and when it was the last. A pure value: time and chance come in.
public struct RetryPolicy: Sendable, Equatable {
    /// The wait before the next attempt.
    public enum Backoff: Sendable, Equatable {
        /// Full jitter: anything between nothing and `base × 2^(attempt − 1)`, at most `cap`.
        /// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
        case exponential(base: Duration, cap: Duration)

        /// The waits after the first, second, … attempt, each plus up to a tenth of itself; the last one repeats.
        case schedule([Duration])
    }

    public var backoff: Backoff
    public var maximumAttempts: Int
    /// How long after it could first be run, or was redriven or restored, a job is still tried; nil: as long as there are attempts.
    public var maximumAge: Duration?

    public init(backoff: Backoff, maximumAttempts: Int, maximumAge: Duration? = nil) {
        self.backoff = backoff
        self.maximumAttempts = maximumAttempts
        self.maximumAge = maximumAge
    }

    /// Five attempts, the last about half a minute after the first.
    public static let standard = RetryPolicy(
        backoff: .exponential(base: .seconds(2), cap: .seconds(300)), maximumAttempts: 5)

    /// What follows a failed attempt.
    public enum Next: Sendable, Equatable {
        case wait(Duration)
        /// That was the last attempt.
        case exhausted
        /// The next attempt would come after the maximum age.
        case tooOld
    }

    /// Decides what follows when attempt `attempt` failed.
    ///
    /// - Parameters:
    ///   - age: since the job was enqueued, redriven or restored.
    ///   - atLeast: what the other side asked for (Retry-After); it wins over a shorter wait of the policy.
    ///   - random: 0 up to 1.
    public func next(afterAttempt attempt: Int, age: Duration, atLeast: Duration?, random: Double) -> Next {
        guard attempt < maximumAttempts else { return .exhausted }
        let wait = max(wait(afterAttempt: attempt, random: random), atLeast ?? .zero)
        if let maximumAge, age + wait > maximumAge { return .tooOld }
        return .wait(wait)
    }

    private func wait(afterAttempt attempt: Int, random: Double) -> Duration {
        switch backoff {
        case .exponential(let base, let cap):
            min(base * pow2(attempt - 1), cap) * random
        case .schedule(let waits):
            (waits.indices.contains(attempt - 1) ? waits[attempt - 1] : waits.last ?? .zero) * (1 + random / 10)
        }
    }

    /// 2^n as a factor of a duration, held where no cap is reached later anyway.
    private func pow2(_ n: Int) -> Int { 1 << min(max(n, 0), 30) }
}
