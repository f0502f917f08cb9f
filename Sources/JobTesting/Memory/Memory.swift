import JobRuntime

/// All that the store in memory knows: plain values, which change under its one lock.
struct Memory {
    /// What is known of one job, and what of it would go into a stream.
    struct Record {
        var shown: JobRecord
        var job: QueuedJob
        /// Where it stands in its stream while it is queued.
        var entry: EntryID?
        /// Its dead letter was dropped.
        var isDropped = false
        /// The tokens of the reports.
        var said: Set<String> = []
        /// The detail of the first report that proves that the job had its effect.
        var proof: String?
        /// When it is forgotten; nil before its end.
        var expires: Int64?
    }

    /// A unique key's job, and until when it keeps others out.
    struct Guard {
        var holder: JobID
        var expires: Int64
    }

    /// An idempotency key's job, and until when it is kept.
    struct Request {
        var job: JobID
        var at: Int64
        var fingerprint: String
        var expires: Int64
    }

    struct Queue {
        var lanes = Lane.allCases.map(LaneStream.init)
        /// Job → due.
        var delayed: [DelayedSet: [JobID: Int64]] = [:]
        var guards: [String: Guard] = [:]
        /// Oldest first.
        var dead: [DeadLetter] = []
        var deadSequence = EntrySequence()
        /// Whether a reader has made the consumer groups.
        var hasGroup = false
        /// Of readers that wait for entries.
        var bells: [ObjectIdentifier: Bell] = [:]

        subscript(lane: Lane) -> LaneStream {
            get { lanes[lane.rank] }
            _modify { yield &lanes[lane.rank] }
        }
    }

    /// How long the record of a job stands after its end.
    let recordTTL: Duration
    /// The time of the call that is under way.
    var time: Int64 = 0
    var paused: Set<String> = []
    /// By idempotency key.
    var requests: [String: Request] = [:]
    /// Schedule → its last tick.
    var ticks: [String: Int64] = [:]
    /// Consumer → until when its heartbeat stands.
    var heartbeats: [String: Int64] = [:]
    private var queues: [String: Queue] = [:]
    private var records: [JobID: Record] = [:]

    init(recordTTL: Duration) { self.recordTTL = recordTTL }

    subscript(queue: String) -> Queue {
        get { queues[queue] ?? Queue() }
        _modify { yield &queues[queue, default: Queue()] }
    }

    subscript(record id: JobID) -> Record? {
        get { records[id].flatMap { isOver($0.expires) ? nil : $0 } }
        set { records[id] = newValue }
    }

    /// Whether a moment has come.
    func isOver(_ moment: Int64?) -> Bool { moment.map { $0 <= time } ?? false }

    /// Until when the record of a job that ends now stands.
    var endOfRecords: Int64 { time + recordTTL.milliseconds }

    /// Puts a job into a stream, and wakes who waits there.
    mutating func append(_ job: QueuedJob, to queue: String, _ lane: Lane) -> EntryID {
        defer { for bell in self[queue].bells.values { bell.ring() } }
        return self[queue][lane].append(job, at: time)
    }
}
