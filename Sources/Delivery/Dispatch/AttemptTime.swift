import JobRuntime

/// What time it is during an attempt, by Redis's clock: what it was when the attempt began, and what this machine's
/// monotonic clock has gone on since.
struct AttemptTime: Sendable {
    private let begun = ContinuousClock.now
    private let startedAt: Int64
    /// Unix milliseconds after which the message must not arrive.
    let expiresAt: Int64?

    init(_ attempt: Attempt) {
        startedAt = attempt.startedAt
        expiresAt = attempt.meta.expiresAt
    }

    /// Unix milliseconds.
    var now: Int64 { startedAt + (ContinuousClock.now - begun).milliseconds }

    var isOver: Bool { isOver(after: .zero) }

    func isOver(after wait: Duration) -> Bool { expiresAt.map { $0 <= now + wait.milliseconds } ?? false }
}

extension Attempt {
    /// How long the message may still take to arrive; nil: as long as it takes.
    func timeLeft(_ time: AttemptTime) -> Duration? {
        meta.expiresAt.map { .milliseconds($0 - time.now) }
    }
}
