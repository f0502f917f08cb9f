import JobRuntime
import JobTesting
import ServiceLifecycle
import TestSupport

extension StoreBench {
    var client: JobClient { JobClient(store: JobStore(store)) }

    /// A worker of this queue, with a lease that does not run out on a busy machine.
    func worker(
        _ handlers: JobHandlers, queues: [JobQueue] = [], change: (inout WorkerOptions) -> Void = { _ in }
    ) -> Worker {
        var options = WorkerOptions()
        options.lease = .seconds(60)
        if let clock { options.clock = clock }
        change(&options)
        return Worker(
            queues: [queue] + queues, handlers: handlers, store: JobStore(store), options: options, logger: .quiet)
    }
}

/// Runs a worker while a body runs; then shuts it down gracefully and waits.
func running(_ worker: Worker, body: () async throws -> Void) async throws {
    let group = ServiceGroup(configuration: .init(services: [.init(service: worker)], logger: .quiet))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        do {
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        } catch {
            tasks.cancelAll()
            throw error
        }
    }
}
