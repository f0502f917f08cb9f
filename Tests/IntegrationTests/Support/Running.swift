import JobRuntime
import Redis
import ServiceLifecycle
import TestSupport

extension JobHandlers {
    /// One handler, of notes, that keeps count.
    static func notes(
        _ runs: Runs, policy: RetryPolicy = .standard,
        _ run: @escaping @Sendable (Note, Attempt) async throws -> Outcome = { _, _ in .succeeded() }
    ) -> JobHandlers {
        var handlers = JobHandlers()
        handlers.register(Note.self, policy: policy) { note, attempt in
            runs.add(note, attempt)
            return try await run(note, attempt)
        }
        return handlers
    }
}

extension Bench {
    /// A worker of this queue. It blocks briefly and looks often, so that tests are quick.
    func worker(
        _ handlers: JobHandlers, redis: RedisClient? = nil, change: (inout WorkerOptions) -> Void = { _ in }
    ) -> Worker {
        var options = WorkerOptions(keys: keys)
        options.drain = .seconds(20)
        change(&options)
        return Worker(
            queues: [queue], handlers: handlers, redis: redis ?? self.redis, options: options, logger: .quiet)
    }
}

/// Runs workers, each as a service of its own, while a body runs; then shuts them down gracefully and waits.
@discardableResult
func running<Result: Sendable>(_ workers: Worker..., body: () async throws -> Result) async throws -> Result {
    let groups = workers.map { worker in
        ServiceGroup(configuration: .init(services: [.init(service: worker)], logger: .quiet))
    }
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        for group in groups { tasks.addTask { try await group.run() } }
        do {
            let result = try await body()
            for group in groups { await group.triggerGracefulShutdown() }
            try await tasks.waitForAll()
            return result
        } catch {
            tasks.cancelAll()
            throw error
        }
    }
}
