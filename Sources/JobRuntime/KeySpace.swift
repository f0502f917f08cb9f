/// Every key that the runtime uses, built in this one file.
public struct KeySpace: Sendable, Equatable {
    /// Stands in front of every key.
    public let prefix: String

    public init(prefix: String = "") { self.prefix = prefix }

    /// The stream of a queue.
    public func stream(_ queue: String) -> String { prefix + queue }

    /// Job id → due milliseconds, of a queue's jobs that wait for another attempt.
    public func retry(_ queue: String) -> String { "\(prefix)\(queue):retry" }

    /// The dead letters of a queue, a stream.
    public func dead(_ queue: String) -> String { "\(prefix)\(queue):dead" }

    /// The record of a job.
    public func record(_ id: JobID) -> String { record("\(id)") }

    func record(_ id: String) -> String { "\(prefix)job:\(id)" }

    /// The stream of events that the ledger reads.
    public var events: String { prefix + "message_events" }

    /// The heartbeat of a worker.
    public func worker(_ consumer: String) -> String { "\(prefix)worker:\(consumer)" }
}

extension KeySpace {
    /// The consumer group of every queue.
    public static let group = "workers"

    /// The consumer that is nobody, under whose name `settle.lua` leaves what is handed back.
    static let released = "__released__"
}
