import Logging

/// What everything that works on one queue of one worker shares.
struct QueueScope: Sendable {
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
}
