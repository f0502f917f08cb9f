public import NIOCore

/// What is known of a tracked job. It stands from the enqueue until an hour (`JOB_RECORD_TTL`) after its end.
///
/// All times are Unix milliseconds of Redis's clock.
public struct JobRecord: Sendable, Equatable {
    public var id: JobID
    public var queue: String
    public var kind: String
    public var state: State
    /// The number of the attempt that runs, waits or was the last, from 1.
    public var attempt: Int
    public var enqueuedAt: Int64
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
    /// The job's JSON, while anything still keeps it.
    public var payload: ByteBuffer?

    public enum State: Sendable, Equatable {
        /// In the stream, not delivered yet.
        case queued
        /// In the pending list: a consumer runs it, or died running it. `idle` is how long ago it was delivered or its
        /// lease extended, in milliseconds.
        case running(consumer: String, idle: Int64, deliveries: Int)
        /// Waiting in the delayed set for its next attempt.
        case retrying(due: Int64)
        /// Finished; the result is a JSON document.
        case succeeded(result: String?)
        case dead(reason: DeadReason)
        case unknown

        public var isSuccess: Bool { if case .succeeded = self { true } else { false } }
    }
}
