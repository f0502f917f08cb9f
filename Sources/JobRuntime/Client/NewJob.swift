public import NIOCore
import NIOFoundationCompat

#if canImport(FoundationEssentials)
    public import class FoundationEssentials.JSONEncoder
#else
    public import class Foundation.JSONEncoder
#endif

/// A job on its way into a queue.
public struct NewJob: Sendable {
    public var id: JobID
    public var queue: JobQueue
    public var kind: String
    /// JSON, stored and handed to the handler byte for byte.
    public var payload: ByteBuffer
    /// Lane, expiry, trace.
    public var meta = JobMeta()
    public var start = Start.now
    /// Keeps a second job with the same key out.
    public var unique: Unique?
    /// Makes a repetition of the request that the job comes from find this job.
    public var idempotency: Idempotency?
    package var tick: Tick?

    /// When a job may begin, by Redis's clock.
    public enum Start: Sendable, Equatable {
        case now
        case after(Duration)
        /// Unix milliseconds; one that has passed is now.
        case at(Int64)
    }

    /// A key that only one job at a time may have in its queue.
    public struct Unique: Sendable, Equatable {
        public enum Scope: Sendable {
            /// As long as the time says, whatever became of the job.
            case time
            /// Until the job has ended, at most as long as the time says. For tracked queues.
            case unfinished
        }

        public var key: String
        public var time: Duration
        public var scope: Scope

        public init(_ key: String, for time: Duration, scope: Scope = .time) {
            self.key = key
            self.time = time
            self.scope = scope
        }
    }

    /// What the job's request is known by, so that its repetition, with a job of another id, is answered as it was. The
    /// key is one over all queues.
    public struct Idempotency: Sendable, Equatable {
        public var key: String
        /// Tells whether it is the same request: a job with the same key and another fingerprint is refused
        /// (``EnqueueError/conflict(_:)``).
        public var fingerprint: String
        /// How long the key is kept after the enqueue, whatever becomes of the job.
        public var life: Duration

        public init(key: String, fingerprint: String, life: Duration = .seconds(86_400)) {
            self.key = key
            self.fingerprint = fingerprint
            self.life = life
        }
    }

    /// The tick of a schedule that the job stands for: enqueued only if it is later than the schedule's last.
    package struct Tick: Sendable, Equatable {
        package var schedule: String
        package var at: Int64

        package init(schedule: String, at: Int64) {
            self.schedule = schedule
            self.at = at
        }
    }

    public init(
        id: JobID = JobID(), queue: JobQueue, kind: String, payload: ByteBuffer, lane: Lane = .normal,
        start: Start = .now, expiresAt: Int64? = nil, unique: Unique? = nil
    ) {
        self.id = id
        self.queue = queue
        self.kind = kind
        self.payload = payload
        self.start = start
        self.unique = unique
        meta = JobMeta(lane: lane, expiresAt: expiresAt)
    }

    /// Encodes a job as its queue's payload.
    ///
    /// - Parameters:
    ///   - expiresAt: Unix milliseconds of Redis's clock after which the job is not begun any more.
    /// - Throws: what the encoder throws; nothing has been enqueued then.
    public init<J: Job>(
        _ job: J, id: JobID = JobID(), queue: JobQueue, lane: Lane = .normal, start: Start = .now,
        expiresAt: Int64? = nil, unique: Unique? = nil, encoder: JSONEncoder = JSONEncoder()
    ) throws {
        self.init(
            id: id, queue: queue, kind: J.kind,
            payload: try encoder.encodeAsByteBuffer(job, allocator: ByteBufferAllocator()), lane: lane, start: start,
            expiresAt: expiresAt, unique: unique)
    }
}

/// What the queue answers to an enqueued job.
public struct Receipt: Sendable, Equatable {
    /// Of the job; of the first one, where this is a duplicate.
    public let id: JobID
    /// Unix milliseconds of Redis's clock: of the first one, where this is a duplicate by its idempotency key; by its id
    /// or unique key alone, of this call.
    public let enqueuedAt: Int64
    /// There was a job with this id or key already, and no second one was enqueued.
    public let isDuplicate: Bool

    public init(id: JobID, enqueuedAt: Int64, isDuplicate: Bool = false) {
        self.id = id
        self.enqueuedAt = enqueuedAt
        self.isDuplicate = isDuplicate
    }
}

/// Why a job was not enqueued, or may not have been.
public enum EnqueueError: Error, Sendable, Equatable {
    /// Redis could not be reached or refused it. The job is not in the queue, and the same call may be made again.
    case unavailable(String)

    /// The queue, or Redis, has reached its limit. The job is not in the queue, and may be tried again later.
    case full(String)

    /// This other job was enqueued with the same idempotency key and another fingerprint. The job is not in the queue.
    case conflict(JobID)

    /// The connection broke with the job on the wire, and whether it was written could not be found out in time. The
    /// record of the id will tell, and enqueuing the same id again does nothing if it was. An untracked queue keeps no
    /// records: there a second enqueue may be a second job.
    case uncertain(JobID, String)
}
