/// What a worker's timers go by: leases, deadlines, looks at the delayed sets. Tests put one in that they move by hand.
public protocol RuntimeClock: Sendable {
    /// Time since some moment that stays the same; it never goes back.
    var now: Duration { get }

    /// - Throws: `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's monotonic clock, which no change of the wall clock moves.
public struct SystemClock: RuntimeClock {
    private static let start = ContinuousClock.now

    public init() {}

    public var now: Duration { ContinuousClock.now - Self.start }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, tolerance: .milliseconds(1))
    }
}
