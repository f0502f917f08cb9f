/// Every key that the runtime uses, built in this one file.
public struct KeySpace: Sendable, Equatable {
    /// Stands in front of every key.
    public let prefix: String

    public init(prefix: String = "") { self.prefix = prefix }

    /// The stream of a queue's lane; the normal one has the queue's bare name.
    public func stream(_ queue: String, _ lane: Lane = .normal) -> String {
        lane == .normal ? prefix + queue : "\(prefix)\(queue):\(lane.rawValue)"
    }

    /// Job id → due milliseconds, of a queue's jobs that wait for another attempt.
    public func retry(_ queue: String) -> String { delayed(queue, .retry) }

    /// Job id → due milliseconds, of a queue's jobs that were enqueued for later.
    public func scheduled(_ queue: String) -> String { delayed(queue, .scheduled) }

    package func delayed(_ queue: String, _ set: DelayedSet) -> String { "\(prefix)\(queue):\(set.rawValue)" }

    /// The dead letters of a queue, a stream.
    public func dead(_ queue: String) -> String { "\(prefix)\(queue):dead" }

    /// What keeps a second job with the same key out of a queue: the id of the first.
    public func unique(_ queue: String, _ key: String) -> String { "\(prefix)\(queue):unique:\(key)" }

    /// What makes the repetition of a request find its job, whatever its queue: the job's id, when it was enqueued, and the
    /// fingerprint of the request.
    public func idempotency(_ key: String) -> String { "\(prefix)idempotency:\(key)" }

    /// The record of a job.
    public func record(_ id: JobID) -> String { record("\(id)") }

    func record(_ id: String) -> String { recordPrefix + id }

    var recordPrefix: String { prefix + "job:" }

    /// The stream of events that the ledger reads.
    public var events: String { prefix + "message_events" }

    /// The stream of events that somebody watches just now; it goes when nobody does.
    public var tail: String { prefix + "message_events:tail" }

    /// The heartbeat of a worker.
    public func worker(_ consumer: String) -> String { "\(prefix)worker:\(consumer)" }

    /// Consumer → Unix milliseconds until which its heartbeat stands.
    public var workers: String { prefix + "workers" }

    /// Name → `tracked` or `untracked`, of every queue that was ever used.
    public var queues: String { prefix + "queues" }

    /// The names of the queues that are paused.
    public var paused: String { prefix + "queues:paused" }

    /// Schedule → its last tick, Unix milliseconds.
    public var schedules: String { prefix + "schedules" }

    /// How all processes that share the keys use them: `layout`, `partitions`, `ledger`.
    public var meta: String { prefix + "posthaste:meta" }

    /// What was last found of the server's memory; stands for a moment.
    public var memory: String { prefix + "posthaste:memory" }

    /// Written to find out whether the server takes writes; stands for a moment.
    public var probe: String { prefix + "posthaste:probe" }

    /// Written to be waited for: what replicas have of it, they have of all that was written before.
    public var replicationMark: String { prefix + "posthaste:replicated" }
}

extension KeySpace {
    /// The consumer group of every queue.
    public static let group = "workers"

    /// The consumer group of the stream of events.
    public static let ledger = "ledger"

    /// The consumer that is nobody, under whose name `settle.lua` leaves what is handed back.
    static let released = "__released__"
}
