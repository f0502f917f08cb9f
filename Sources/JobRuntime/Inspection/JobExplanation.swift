/// Where a job is, why it is not running, and until when. All durations are milliseconds.
public struct JobExplanation: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Codable {
        /// In its queue, for a worker to take it.
        case waiting
        /// Enqueued for later.
        case scheduled
        /// Its last attempt failed, and another follows.
        case retrying
        /// Put off by its handler: a throttle, an open breaker.
        case snoozed
        /// Put off because no worker that was given it has a handler for its kind.
        case parked
        /// A worker has it.
        case running
        case succeeded, dead, unknown, canceled, expired, discarded
        /// Its record says that it waits, but it is not where that says: somebody deleted it from Redis.
        case lost
        /// Nothing is known of it.
        case notFound = "not_found"
    }

    /// What keeps a job of a queue from being run.
    public enum Obstacle: String, Sendable, Codable {
        case paused
        /// No living worker reads the queue, or moves its due jobs.
        case noWorker = "no_worker"
        /// Living workers read the queue, but none has a handler for the job's kind.
        case noHandler = "no_handler"
        /// All that read the queue run as many of its jobs as they can.
        case slotsBusy = "slots_busy"
    }

    public var id: JobID
    public var state: State
    /// In a sentence or two.
    public var summary = ""
    public var queue: String?
    public var lane: Lane?
    public var kind: String?
    /// The number of the attempt that runs, waits, or was the last.
    public var attempt: Int?
    public var enqueuedAt: Moment?
    public var age: Int64?
    /// All of them, the first to be cleared away first; empty while nothing is in the way.
    public var obstacles: [Obstacle] = []
    /// How many jobs of its lane are delivered before it, while it waits.
    public var ahead: Int?
    /// Whether there are more than ``ahead`` says, and they were not counted.
    public var isFurtherBack: Bool?
    /// When it is due, or is taken over from a worker that is gone.
    public var until: Moment?
    /// When it began, ended or was put off.
    public var since: Moment?
    /// Who runs it, or ran its last attempt.
    public var consumer: String?
    /// How often the attempt was delivered; more than 1: an earlier worker died or lost its lease running it.
    public var deliveries: Int?
    /// Whether the worker that runs it shows that it lives.
    public var isWorkerAlive: Bool?
    /// Why it is dead, was discarded or put off.
    public var reason: String?
    public var error: String?
    /// Its dead letter, by which it can be redriven; nil when that is gone.
    public var deadLetter: String?
    /// What its handler left, JSON.
    public var result: String?
    /// What somebody else said of it: the report of the highest rank (``JobClient/report(_:of:)``).
    public var report: Report?

    public struct Report: Sendable, Equatable, Codable {
        public var name: String
        public var rank: Int
        public var at: Moment
        /// JSON.
        public var detail: String?
    }

    init(_ id: JobID, _ state: State) {
        self.id = id
        self.state = state
    }

    private enum CodingKeys: String, CodingKey {
        case id, state, summary, queue, lane, kind, attempt, obstacles, ahead, until, since, consumer, deliveries
        case reason, error, result, report
        case enqueuedAt = "enqueued_at"
        case age = "age_ms"
        case isFurtherBack = "further_back"
        case isWorkerAlive = "worker_alive"
        case deadLetter = "dead_letter"
    }
}
