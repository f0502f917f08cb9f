/// What a worker is told: which queues, how much at a time, how long a lease.
public struct WorkerOptions: Sendable {
    public var keys: KeySpace

    /// How many jobs of one queue run at a time; ``slotsByQueue`` overrides it for a queue.
    public var slots = 100
    public var slotsByQueue: [String: Int] = [:]

    /// How long an entry may stay in flight without a sign of life before another worker takes it.
    public var lease: Duration = .seconds(30)

    /// The most settlements of one call.
    public var settleBatch = 500

    /// Deliveries that ended without a settlement before a job is taken for one that kills its workers.
    public var maximumDeliveries = 3

    /// How long the record of a job stands after its end.
    public var recordTTL: Duration = .seconds(3600)

    /// How long jobs in flight may take to finish when the worker is told to stop.
    public var drain: Duration = .seconds(25)

    /// Whether a ledger reads the events; without one they are not written, so that they never pile up.
    public var keepsEvents = false

    public init(keys: KeySpace = KeySpace()) { self.keys = keys }

    /// How many jobs of a queue run at a time.
    public func slots(of queue: JobQueue) -> Int { slotsByQueue[queue.name] ?? slots }
}
