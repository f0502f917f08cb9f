import Logging

/// What everything that works on one queue of one worker shares. A class: every attempt holds it, and a copy would count
/// all of its references.
final class QueueScope: Sendable {
    let queue: JobQueue
    let consumer: String
    let store: any Storage
    let options: WorkerOptions
    let inFlight: InFlight
    let counters: WorkerCounters
    let metrics: QueueMetrics
    let storeClock: StoreClock
    let activity: QueueActivity
    let logger: Logger

    var clock: any RuntimeClock { options.clock }

    init(
        queue: JobQueue, consumer: String, store: any Storage, options: WorkerOptions, inFlight: InFlight,
        counters: WorkerCounters, metrics: QueueMetrics, storeClock: StoreClock, activity: QueueActivity, logger: Logger
    ) {
        self.queue = queue
        self.consumer = consumer
        self.store = store
        self.options = options
        self.inFlight = inFlight
        self.counters = counters
        self.metrics = metrics
        self.storeClock = storeClock
        self.activity = activity
        self.logger = logger
    }
}
