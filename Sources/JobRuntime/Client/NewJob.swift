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

    public init(id: JobID = JobID(), queue: JobQueue, kind: String, payload: ByteBuffer) {
        self.id = id
        self.queue = queue
        self.kind = kind
        self.payload = payload
    }

    /// Encodes a job as its queue's payload.
    ///
    /// - Throws: what the encoder throws; nothing has been enqueued then.
    public init<J: Job>(_ job: J, id: JobID = JobID(), queue: JobQueue, encoder: JSONEncoder = JSONEncoder()) throws {
        self.init(
            id: id, queue: queue, kind: J.kind,
            payload: try encoder.encodeAsByteBuffer(job, allocator: ByteBufferAllocator()))
    }
}

/// What the queue answers to an enqueued job.
public struct Receipt: Sendable, Equatable {
    public let id: JobID
    /// Unix milliseconds of Redis's clock.
    public let enqueuedAt: Int64
}

/// Why a job was not enqueued, or may not have been.
public enum EnqueueError: Error, Sendable, Equatable {
    /// Redis could not be reached or refused it. The job is not in the queue, and the same call may be made again.
    case unavailable(String)

    /// The connection broke with the job on the wire, and whether it was written could not be found out in time. The
    /// record of the id will tell; enqueuing the same id again does nothing if it was.
    case uncertain(JobID, String)
}
