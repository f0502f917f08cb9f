public import NIOCore

/// What is known of a tracked job. It stands from the enqueue until an hour (`JOB_RECORD_TTL`) after its end.
///
/// All times are Unix milliseconds of Redis's clock.
public struct JobRecord: Sendable, Equatable {
    public var id: JobID
    public var queue: String
    public var lane = Lane.normal
    public var kind: String
    public var state: State
    /// The number of the attempt that runs, waits or was the last, from 1.
    public var attempt: Int
    public var enqueuedAt: Int64
    /// Where it stands in its stream, or among the dead letters.
    package var entry: String?
    /// When the last attempt that has ended was begun.
    public var startedAt: Int64?
    /// When the last attempt that has ended did.
    public var settledAt: Int64?
    /// The consumer that ran the last attempt that has ended.
    public var consumer: String?
    /// How often the last attempt that has ended was delivered.
    public var deliveries: Int?
    /// The error of the last attempt that failed.
    public var error: String?
    /// The report of the highest rank (``JobClient/report(_:of:)``).
    public var report: Report?
    /// The job's JSON, while anything still keeps it.
    public var payload: ByteBuffer?

    public init(id: JobID, queue: String, kind: String, state: State, attempt: Int, enqueuedAt: Int64) {
        self.id = id
        self.queue = queue
        self.kind = kind
        self.state = state
        self.attempt = attempt
        self.enqueuedAt = enqueuedAt
    }

    /// What somebody else said of the job.
    public struct Report: Sendable, Equatable {
        public var name: String
        public var rank: Int
        /// Unix milliseconds of Redis's clock.
        public var at: Int64
        /// JSON.
        public var detail: String?

        public init(name: String, rank: Int, at: Int64, detail: String? = nil) {
            self.name = name
            self.rank = rank
            self.at = at
            self.detail = detail
        }
    }

    public enum State: Sendable, Equatable {
        /// In the stream, not delivered yet, or handed back.
        case queued
        /// Enqueued for later.
        case scheduled(due: Int64)
        /// In the pending list: a consumer runs it, or died running it. `idle` is how long ago it was delivered or its
        /// lease extended, in milliseconds.
        case running(consumer: String, idle: Int64, deliveries: Int)
        /// Failed, and waiting for its next attempt.
        case retrying(due: Int64)
        /// Put off by its handler.
        case snoozed(due: Int64, reason: String)
        /// Put off because no worker that was given it has a handler for its kind.
        case parked(due: Int64)
        /// Finished; the result is a JSON document.
        case succeeded(result: String?)
        case dead(reason: DeadReason)
        case unknown
        case canceled
        /// Its time was over before it was done.
        case expired
        /// It was not to be done after all.
        case discarded(reason: DeadReason)

        public var isSuccess: Bool { if case .succeeded = self { true } else { false } }
    }
}
