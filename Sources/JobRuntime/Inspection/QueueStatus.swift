/// One queue at a moment: how much is where, and who works on it. All durations are milliseconds.
public struct QueueStatus: Sendable, Equatable, Codable {
    public var queue: String
    /// Whether its jobs have records, and can be asked for by id.
    public var isTracked: Bool
    public var isPaused: Bool
    /// High, normal, low.
    public var lanes: [LaneDepth]
    /// Jobs that wait for another attempt, and when the first of them is due.
    public var retrying: Int
    public var retryDue: Moment?
    /// Jobs that were enqueued for later, and when the first of them is due.
    public var scheduled: Int
    public var scheduledDue: Moment?
    /// Dead letters.
    public var dead: Int
    /// How long the oldest of the jobs that wait to be delivered has been in its stream.
    public var oldestWaiting: Int64?
    /// Living workers that read it, and how many of its jobs they can run at a time.
    public var workers: Int
    public var slots: Int
    /// Jobs that wait to be delivered, in all lanes.
    public let depth: Int
    /// Jobs that are delivered and not settled, in all lanes.
    public let pending: Int

    public init(
        queue: String, isTracked: Bool, isPaused: Bool, lanes: [LaneDepth], retrying: Int = 0, retryDue: Moment? = nil,
        scheduled: Int = 0, scheduledDue: Moment? = nil, dead: Int = 0, oldestWaiting: Int64? = nil, workers: Int = 0,
        slots: Int = 0
    ) {
        self.queue = queue
        self.isTracked = isTracked
        self.isPaused = isPaused
        self.lanes = lanes
        self.retrying = retrying
        self.retryDue = retryDue
        self.scheduled = scheduled
        self.scheduledDue = scheduledDue
        self.dead = dead
        self.oldestWaiting = oldestWaiting
        self.workers = workers
        self.slots = slots
        depth = lanes.reduce(0) { $0 + $1.depth }
        pending = lanes.reduce(0) { $0 + $1.pending }
    }

    private enum CodingKeys: String, CodingKey {
        case queue, lanes, depth, pending, retrying, scheduled, dead, workers, slots
        case isTracked = "tracked"
        case isPaused = "paused"
        case retryDue = "retry_due"
        case scheduledDue = "scheduled_due"
        case oldestWaiting = "oldest_waiting_ms"
    }
}

/// One lane of a queue.
public struct LaneDepth: Sendable, Equatable, Codable {
    public var lane: Lane
    /// Jobs that wait to be delivered, those that were handed back among them.
    public var depth: Int
    /// Jobs that are delivered and not settled.
    public var pending: Int

    public init(_ lane: Lane, depth: Int, pending: Int) {
        self.lane = lane
        self.depth = depth
        self.pending = pending
    }
}
