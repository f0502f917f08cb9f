public import NIOCore

/// A job that was accepted and is to be put back if it is nowhere, as it was when somebody last heard of it.
public struct RestoredJob: Sendable, Equatable {
    public var id: JobID
    /// A tracked one.
    public var queue: JobQueue
    public var kind: String
    /// JSON.
    public var payload: ByteBuffer
    /// The number of the attempt that it goes on with, from 1.
    public var attempt: Int
    /// When it was enqueued, in Unix milliseconds of Redis's clock.
    public var enqueuedAt: Int64
    public var lane: Lane
    /// Unix milliseconds of Redis's clock after which it is not begun any more.
    public var expiresAt: Int64?
    /// When it may begin, in Unix milliseconds of Redis's clock; nil, or one that has passed: now.
    public var start: Int64?
    /// What its request is known by, for what is left of its life. Where another job holds the key now, that one was
    /// enqueued by a repetition of the request, and this one is not put back.
    public var idempotency: NewJob.Idempotency?

    public init(
        id: JobID, queue: JobQueue, kind: String, payload: ByteBuffer, attempt: Int = 1, enqueuedAt: Int64,
        lane: Lane = .normal, expiresAt: Int64? = nil, start: Int64? = nil
    ) {
        self.id = id
        self.queue = queue
        self.kind = kind
        self.payload = payload
        self.attempt = attempt
        self.enqueuedAt = enqueuedAt
        self.lane = lane
        self.expiresAt = expiresAt
        self.start = start
    }

    /// What travels with it: nobody knows whether it had its effect before it was lost, unless it has never been due.
    package func meta(at now: Int64) -> JobMeta {
        var meta = JobMeta(lane: lane, expiresAt: expiresAt)
        meta.restoredAt = now
        meta.inDoubt = attempt > 1 || (start ?? now) <= now
        return meta
    }
}

/// What became of a job that was to be restored.
public enum Restoration: Sendable, Equatable {
    case restored
    /// Its request was made again with the same idempotency key, and another job does what it asked for.
    case repeated(by: JobID)
    /// It was somewhere, had ended, or its dead letter is gone, and was left alone.
    case found(JobLocation)
}
