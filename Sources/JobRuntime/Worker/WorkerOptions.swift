public import Metrics

/// What a worker is told: how much at a time, how long a lease.
public struct WorkerOptions: Sendable {
    /// How many jobs of one queue run at a time; ``slotsByQueue`` overrides it for a queue.
    public var slots = 100
    public var slotsByQueue: [String: Int] = [:]

    /// How long an entry may stay in flight without a sign of life before another worker takes it.
    public var lease: Duration = .seconds(30)

    /// How long an attempt may take before it is cancelled, where its kind says nothing else; nil: as long as it takes.
    /// Its lease is renewed all the while.
    public var timeout: Duration? = .seconds(900)

    /// How long an attempt that was cancelled because its time was up has to end. After that it is given up: its job is
    /// tried again, and its slot is free.
    public var deadlineGrace: Duration = .seconds(5)

    /// The most settlements of one call; 1000 at most.
    public var settleBatch = 500

    /// Deliveries that ended without a settlement before a job is taken for one that kills its workers.
    public var maximumDeliveries = 3

    /// How long jobs in flight may take to finish when the worker is told to stop.
    public var drain: Duration = .seconds(25)

    /// How long dead letters are kept; nil: until somebody redrives or drops them.
    public var deadRetention: Duration?

    /// How often what killed workers left behind is cleared up, at most.
    public var sweepInterval: Duration = .seconds(60)

    /// What the worker's log calls a job.
    public var noun = "job"

    /// Where the worker's metrics go; nil: where swift-metrics was told to at the process's start.
    public var metrics: (any MetricsFactory)?

    /// What the worker's timers go by.
    public var clock: any RuntimeClock = SystemClock()

    public init() {}

    /// How many jobs of a queue run at a time.
    public func slots(of queue: JobQueue) -> Int { slotsByQueue[queue.name] ?? slots }
}

extension WorkerOptions {
    /// Stops the process where an option makes no sense: it would be a worker that runs nothing, or everything twice.
    func check(_ queues: [JobQueue]) {
        precondition(Set(queues.map(\.name)).count == queues.count, "a worker reads a queue once")
        precondition(queues.allSatisfy { slots(of: $0) > 0 }, "a worker needs a slot for each queue")
        precondition(lease > .zero && sweepInterval > .zero, "the lease and the sweep's interval must be above zero")
        precondition(settleBatch > 0 && maximumDeliveries > 0, "settleBatch and maximumDeliveries must be above zero")
    }
}
