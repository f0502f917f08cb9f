/// When a queue takes no more jobs. Looked at where they are enqueued, in the same step, so that no two producers
/// overshoot together.
public struct QueueLimits: Sendable, Equatable {
    /// How many jobs may stand in the queue's streams, waiting or running; nil: as many as come.
    public var maximumDepth: Int?
    /// How much memory Redis may use before it takes no more; nil: until it refuses by itself (`maxmemory`).
    public var memory: MemoryMark?
    /// How many events may wait for the ledger before a tracked queue takes no more, whose jobs would all add to them;
    /// nil: as many as come. Only looked at where events are kept (``RedisStoreOptions/keepsEvents``).
    public var maximumBacklog: Int?

    public enum MemoryMark: Sendable, Equatable {
        case bytes(Int64)
        /// Of `maxmemory`, 0 to 1; no mark where none is set.
        case share(Double)
    }

    public init(maximumDepth: Int? = nil, memory: MemoryMark? = nil, maximumBacklog: Int? = nil) {
        self.maximumDepth = maximumDepth
        self.memory = memory
        self.maximumBacklog = maximumBacklog
    }

    public static let none = QueueLimits()
}
