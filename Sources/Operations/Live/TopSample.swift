public import JobRuntime

/// What `top` has found at a moment.
public struct TopSample: Sendable, Encodable {
    public var at: Moment
    public var queues: [QueueStatus]
    public var workers: [WorkerStatus]

    public init(at: Moment, queues: [QueueStatus], workers: [WorkerStatus]) {
        self.at = at
        self.queues = queues
        self.workers = workers
    }
}
