import Synchronization

/// What a worker has done since it started. Each number only grows.
public struct WorkerCounts: Sendable, Equatable {
    /// Attempts that succeeded and were settled.
    public var done = 0
    /// Attempts that failed (retry, dead, unknown) and were settled.
    public var failed = 0
    /// Settlements refused because the entry had become another worker's; nothing was changed by them.
    public var fenced = 0
    /// Entries taken over from a worker whose lease had run out.
    public var reclaimed = 0
    /// Entries handed back untouched.
    public var released = 0
}

/// The counts of a running worker, which all its queues add to.
final class WorkerCounters: Sendable {
    private let counts = Mutex(WorkerCounts())

    func add(_ number: Int = 1, to count: any WritableKeyPath<WorkerCounts, Int> & Sendable) {
        counts.withLock { $0[keyPath: count] += number }
    }

    var current: WorkerCounts { counts.withLock { $0 } }
}
