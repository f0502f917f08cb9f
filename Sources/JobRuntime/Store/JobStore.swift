/// Where the jobs are: Redis (``JobStore/redis(_:keys:options:)``), or in tests the memory of the process (`JobTesting`).
public struct JobStore: Sendable {
    package let storage: any Storage

    package init(_ storage: any Storage) { self.storage = storage }
}

extension JobStore {
    /// Stops the delivery of a queue's jobs, within two seconds in all workers. What runs goes on; enqueuing, too.
    public func pause(_ queue: String) async throws(StoreError) {
        try await storage.pause(queue, true)
    }

    public func resume(_ queue: String) async throws(StoreError) {
        try await storage.pause(queue, false)
    }

    /// The names of the queues that are paused, in order.
    public func pausedQueues() async throws(StoreError) -> [String] {
        try await storage.pausedQueues()
    }
}
