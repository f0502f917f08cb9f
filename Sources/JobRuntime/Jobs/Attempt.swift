public import Logging

/// One delivery of a job to a handler: what the handler may want to know beside the payload.
public struct Attempt: Sendable {
    public let job: JobID
    public let kind: String
    public let queue: String

    /// 1 for the first attempt; a retry is the next number, a redelivery after a crash is not.
    public let number: Int

    /// How often this attempt has been delivered. More than 1 means that an earlier worker died or lost its lease in
    /// the middle of it: its effect may already have happened.
    public let deliveries: Int

    /// When the job was enqueued, or, where it was enqueued for later, when it was due, in Unix milliseconds of Redis's
    /// clock.
    public let enqueuedAt: Int64

    /// When this attempt was put into the queue, in Unix milliseconds of Redis's clock: no delivery of it began earlier.
    public let queuedAt: Int64

    /// When this delivery of it began, in Unix milliseconds of Redis's clock.
    public let startedAt: Int64

    /// Expiry and trace of the job, and how often it has been put off.
    public let meta: JobMeta

    /// The consumer that runs the attempt, `<host>-<pid>-<random>`.
    public let consumer: String

    private let workerLogger: Logger

    public init(
        job: JobID, kind: String, queue: String, number: Int, deliveries: Int, enqueuedAt: Int64,
        queuedAt: Int64? = nil, startedAt: Int64? = nil, meta: JobMeta = JobMeta(), consumer: String, logger: Logger
    ) {
        self.job = job
        self.kind = kind
        self.queue = queue
        self.number = number
        self.deliveries = deliveries
        self.enqueuedAt = enqueuedAt
        self.queuedAt = queuedAt ?? enqueuedAt
        self.startedAt = startedAt ?? .unixMilliseconds
        self.meta = meta
        self.consumer = consumer
        workerLogger = logger
    }

    /// Carries the job's id, kind and queue. Made when it is asked for, since most attempts say nothing.
    public var logger: Logger {
        var logger = workerLogger
        logger[metadataKey: "job"] = "\(job)"
        logger[metadataKey: "kind"] = "\(kind)"
        logger[metadataKey: "queue"] = "\(queue)"
        return logger
    }

    init(_ delivered: Delivered, queue: String, startedAt: Int64, consumer: String, logger: Logger) {
        self.init(
            job: delivered.job, kind: delivered.kind, queue: queue, number: delivered.attempt,
            deliveries: delivered.deliveries, enqueuedAt: delivered.enqueuedAt,
            queuedAt: Int64(clamping: delivered.entry.id.milliseconds), startedAt: startedAt,
            meta: delivered.meta, consumer: consumer, logger: logger)
    }
}
