/// The time during which the server cannot be reached: one tries now and then, the others are refused at once.
struct Outage {
    private(set) var error: PostgresError
    private var failures = 0
    private var next: ContinuousClock.Instant?
    private var isTrying = false

    private static let base = Duration.milliseconds(100)
    private static let cap = Duration.seconds(5)

    init(_ error: PostgresError) { self.error = error }

    /// Why the caller must not try to connect now; nil: it must, and say how it went.
    mutating func refusal(_ now: ContinuousClock.Instant) -> PostgresError? {
        guard let next, now >= next, !isTrying else { return error }
        isTrying = true
        return nil
    }

    /// A try has failed. Those that began before the outage was known do not prolong it.
    ///
    /// - Parameter random: 0 up to 1: a fleet does not come back in step.
    mutating func record(_ error: PostgresError, _ now: ContinuousClock.Instant, random: Double) {
        self.error = error
        guard isTrying || next == nil else { return }
        isTrying = false
        next = now + min(Self.base * (1 << failures), Self.cap) * (0.5 + random / 2)
        failures = min(failures + 1, 30)
    }
}
