/// Waits between attempts to reach something that is down: the first at once, then half jitter under a ceiling that
/// doubles, so that a fleet does not come back in step. A pure value: the randomness comes in.
public struct Backoff: Sendable {
    private let base: Duration
    private let cap: Duration
    private var failures = 0

    public init(base: Duration = .milliseconds(50), cap: Duration = .seconds(2)) {
        self.base = base
        self.cap = cap
    }

    public mutating func reset() { failures = 0 }

    /// The wait before the next attempt.
    ///
    /// - Parameter random: 0 up to 1.
    public mutating func next(random: Double = .random(in: 0..<1)) -> Duration {
        defer { failures = min(failures + 1, 30) }
        guard failures > 0 else { return .zero }
        return min(base * (1 << (failures - 1)), cap) * (0.5 + random / 2)
    }
}
