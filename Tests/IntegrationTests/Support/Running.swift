import Logging
import Redis
import ServiceLifecycle
import TestSupport

@testable import JobRuntime

extension JobHandlers {
    /// One handler, of notes, that keeps count.
    static func notes(
        _ runs: Runs, policy: RetryPolicy = .standard, timeout: Duration? = nil,
        _ run: @escaping @Sendable (Note, Attempt) async throws -> Outcome = { _, _ in .succeeded() }
    ) -> JobHandlers {
        var handlers = JobHandlers()
        handlers.register(Note.self, policy: policy, timeout: timeout) { note, attempt in
            runs.add(note, attempt)
            return try await run(note, attempt)
        }
        return handlers
    }
}

extension Bench {
    /// A worker of this queue. It blocks briefly and looks often, so that tests are quick.
    func worker(
        _ handlers: JobHandlers, queues: [JobQueue] = [], redis: RedisClient? = nil, logger: Logger = .quiet,
        change: (inout WorkerOptions) -> Void = { _ in }
    ) -> Worker {
        var options = WorkerOptions()
        options.drain = .seconds(20)
        change(&options)
        let store = redis.map { RedisStore(redis: $0, keys: keys, options: self.store.options) } ?? self.store
        return Worker(
            queues: [queue] + queues, handlers: handlers, store: JobStore(store), options: options, logger: logger)
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
