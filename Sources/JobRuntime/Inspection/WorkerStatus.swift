/// One worker as its last heartbeat shows it; of one without a heartbeat, what it left pending.
public struct WorkerStatus: Sendable, Equatable, Codable {
    /// A queue that a worker reads, and how many of its jobs it runs at a time.
    public struct Queue: Sendable, Equatable, Codable {
        public var queue: String
        public var slots: Int

        public init(_ queue: String, slots: Int) {
            self.queue = queue
            self.slots = slots
        }
    }

    /// A job that a worker runs, and since when.
    public struct Run: Sendable, Equatable, Codable {
        public var job: JobID
        public var since: Moment

        public init(_ job: JobID, since: Moment) {
            self.job = job
            self.since = since
        }
    }

    /// Its name in the groups, `<host>-<pid>-<random>`.
    public var consumer: String
    /// Whether its heartbeat is there.
    public var isAlive: Bool
    /// Entries that are delivered to it and not settled, in all queues.
    public var pending: Int
    public var host = ""
    public var pid = 0
    public var version = ""
    /// By its own clock.
    public var startedAt: Moment?
    /// Its last heartbeat.
    public var seenAt: Moment?
    public var queues: [Queue] = []
    /// The kinds of jobs that it has handlers for.
    public var kinds: [String] = []
    /// Milliseconds without a sign of life after which it takes over what others hold.
    public var lease: Int64?
    public var slots = 0
    public var running = 0
    /// Attempts that were given up and still have not ended.
    public var abandoned = 0
    /// Since it started, as ``WorkerCounts`` has them.
    public var done = 0
    public var failed = 0
    public var fenced = 0
    public var reclaimed = 0
    public var released = 0
    /// What it has been running for longest, the oldest first; up to twenty.
    public var longest: [Run] = []

    public init(_ consumer: String, isAlive: Bool, pending: Int = 0) {
        self.consumer = consumer
        self.isAlive = isAlive
        self.pending = pending
    }

    private enum CodingKeys: String, CodingKey {
        case consumer, pending, host, pid, version, queues, kinds, slots, running, abandoned
        case done, failed, fenced, reclaimed, released, longest
        case isAlive = "alive"
        case startedAt = "started_at"
        case seenAt = "seen_at"
        case lease = "lease_ms"
    }
}

extension WorkerStatus {
    public func reads(_ queue: String) -> Bool { queues.contains { $0.queue == queue } }
}
