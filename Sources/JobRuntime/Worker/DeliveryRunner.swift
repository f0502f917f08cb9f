package import Logging
import Metrics
package import NIOCore

/// The part of a worker that runs and settles deliveries, without its readers and timers: for tests, which deliver one
/// job after the other and move time themselves.
package struct DeliveryRunner: Sendable {
    private let scope: QueueScope
    private let handlers: JobHandlers
    private let middleware: [any JobMiddleware]
    private let random: @Sendable () -> Double

    /// - Parameter random: 0 up to 1, for the jitter of a wait.
    package init(
        queue: JobQueue, consumer: String, handlers: JobHandlers, middleware: [any JobMiddleware], store: any Storage,
        clock: any RuntimeClock, random: @escaping @Sendable () -> Double, logger: Logger
    ) {
        var options = WorkerOptions()
        options.clock = clock
        scope = QueueScope(
            queue: queue, consumer: consumer, store: store, options: options,
            inFlight: InFlight(slots: 1, clock: clock), counters: WorkerCounters(),
            metrics: QueueMetrics(queue: queue.name, factory: MetricsSystem.factory), storeClock: StoreClock(clock),
            activity: QueueActivity(clock), logger: logger)
        self.handlers = handlers
        self.middleware = middleware
        self.random = random
    }

    /// Runs a delivery and settles what comes of it.
    package func run(_ delivered: Delivered) async throws(StoreError) {
        scope.storeClock.set(try await scope.store.now())
        guard scope.inFlight.begin(delivered) else { return }
        let settler = Settler(scope: scope)
        let executor = Executor(
            scope: scope, handlers: handlers, middleware: middleware, settler: settler, random: random)
        await withTaskGroup { settling in
            settling.addTask { await settler.run() }
            await executor.run(delivered)
            settler.stop()
        }
    }
}

extension JobHandlers {
    /// Runs a handler, and the middleware around it, for an attempt that no store knows of.
    ///
    /// - Returns: nil when there is no handler for the attempt's kind.
    package func perform(
        _ payload: ByteBuffer, _ attempt: Attempt, middleware: [any JobMiddleware]
    ) async throws -> Outcome? {
        guard let registration = self[attempt.kind] else { return nil }
        return try await middleware[...].run(attempt) { try await registration.run(payload, $0) }
    }
}
