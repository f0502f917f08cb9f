/// When a failed attempt is followed by another, and when it was the last. A pure value: the randomness comes in.
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

    public init(backoff: Backoff, maximumAttempts: Int) {
        self.backoff = backoff
        self.maximumAttempts = maximumAttempts
    }

    /// Five attempts, the last about half a minute after the first.
    public static let standard = RetryPolicy(
        backoff: .exponential(base: .seconds(2), cap: .seconds(300)), maximumAttempts: 5)

    /// The wait after attempt `attempt` failed, or nil when there is no next one.
    ///
    /// - Parameters:
    ///   - atLeast: what the other side asked for (Retry-After); it wins over a shorter wait of the policy.
    ///   - random: 0 up to 1.
    public func delay(afterAttempt attempt: Int, atLeast: Duration?, random: Double) -> Duration? {
        guard attempt < maximumAttempts else { return nil }
        let wait =
            switch backoff {
            case .exponential(let base, let cap):
                min(base * pow2(attempt - 1), cap) * random
            case .schedule(let waits):
                (waits.indices.contains(attempt - 1) ? waits[attempt - 1] : waits.last ?? .zero) * (1 + random / 10)
            }
        return max(wait, atLeast ?? .zero)
    }

    /// 2^n as a factor of a duration, held where no cap is reached later anyway.
    private func pow2(_ n: Int) -> Int { 1 << min(max(n, 0), 30) }
}
