import Synchronization

/// What a worker has done since it started. Each number only grows.
public struct WorkerCounts: Sendable, Equatable {
    /// Attempts that succeeded and were settled.
    public var done = 0
    /// Attempts that failed (retry, dead, unknown) and were settled.
    public var failed = 0
    /// Deliveries that were put off without an attempt being spent.
    public var snoozed = 0
    /// Jobs whose time was over before they were done.
    public var expired = 0
    /// Jobs that were not to be done after all.
    public var discarded = 0
    /// Settlements refused because the entry had become another worker's; nothing was changed by them.
    public var fenced = 0
    /// Entries taken over from a worker whose lease had run out, or that had handed them back.
    public var reclaimed = 0
    /// Entries handed back.
    public var released = 0
    /// Attempts given up because they ignored their deadline.
    public var abandoned = 0
    /// Dead letters dropped because they had been kept for long enough.
    public var dropped = 0
}

/// The counts of a running worker, which all its queues add to.
final class WorkerCounters: Sendable {
    private let counts = Mutex(WorkerCounts())

    func add(_ change: (inout WorkerCounts) -> Void) { counts.withLock { change(&$0) } }

    var current: WorkerCounts { counts.withLock { $0 } }
}
