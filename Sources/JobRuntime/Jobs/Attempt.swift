public import Logging

/// One delivery of a job to a handler: what the handler may want to know beside the payload. A class, because it is handed
/// on often and never changes.
public final class Attempt: Sendable {
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

    let notes: AttemptNotes
    private let workerLogger: Logger
    private let begun = ContinuousClock.now
    private let lease: @Sendable () -> Bool

    public convenience init(
        job: JobID, kind: String, queue: String, number: Int, deliveries: Int, enqueuedAt: Int64,
        queuedAt: Int64? = nil, startedAt: Int64? = nil, meta: JobMeta = JobMeta(), consumer: String, logger: Logger,
        isHeld: @escaping @Sendable () -> Bool = { true }
    ) {
        self.init(
            job: job, kind: kind, queue: queue, number: number, deliveries: deliveries, enqueuedAt: enqueuedAt,
            queuedAt: queuedAt, startedAt: startedAt, meta: meta, consumer: consumer, logger: logger,
            notes: AttemptNotes(), isHeld: isHeld)
    }

    private init(
        job: JobID, kind: String, queue: String, number: Int, deliveries: Int, enqueuedAt: Int64, queuedAt: Int64?,
        startedAt: Int64?, meta: JobMeta, consumer: String, logger: Logger, notes: AttemptNotes,
        isHeld: @escaping @Sendable () -> Bool
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
        self.notes = notes
        workerLogger = logger
        lease = isHeld
    }

    /// What time it is, in Unix milliseconds of Redis's clock.
    public var now: Int64 { startedAt + (ContinuousClock.now - begun).milliseconds }

    /// How long the job may still take; nil: as long as it takes.
    public var timeLeft: Duration? { meta.expiresAt.map { .milliseconds($0 - now) } }

    /// Whether the job's time will be over by then.
    public func isOver(after wait: Duration = .zero) -> Bool { timeLeft.map { $0 <= wait } ?? false }

    /// Whether the worker is sure to hold the job for a while: not where it stood still for so long that another may have
    /// been given it. To be asked before what cannot be undone.
    public var isHeld: Bool { lease() }

    /// Adds a fact to the one line that the worker logs of this attempt, and to its span: who carried it further, say.
    /// A later one of the same name takes its place.
    public func note(_ name: String, _ value: String) { notes.note(name, value) }

    /// Carries the job's id, kind and queue. Made when it is asked for, since most attempts say nothing.
    public var logger: Logger {
        var logger = workerLogger
        logger[metadataKey: "job"] = "\(job)"
        logger[metadataKey: "kind"] = "\(kind)"
        logger[metadataKey: "queue"] = "\(queue)"
        return logger
    }

    convenience init(
        _ delivered: Delivered, queue: String, startedAt: Int64, consumer: String, logger: Logger, notes: AttemptNotes,
        isHeld: @escaping @Sendable () -> Bool
    ) {
        self.init(
            job: delivered.job, kind: delivered.kind, queue: queue, number: delivered.attempt,
            deliveries: delivered.deliveries, enqueuedAt: delivered.enqueuedAt,
            queuedAt: Int64(clamping: delivered.entry.id.milliseconds), startedAt: startedAt,
            meta: delivered.meta, consumer: consumer, logger: logger, notes: notes, isHeld: isHeld)
    }
}
