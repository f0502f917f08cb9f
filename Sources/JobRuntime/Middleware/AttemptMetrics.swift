public import Metrics

/// Measures attempts, with whatever backend swift-metrics was given: `job_attempt_duration_seconds` by `queue`, `kind` and
/// `outcome` (which counts them, too), and `job_attempts_running` by `queue`.
public struct AttemptMetrics: JobMiddleware {
    private let factory: any MetricsFactory

    /// - Parameter factory: by default the one that the process was bootstrapped with.
    public init(factory: any MetricsFactory = MetricsSystem.factory) { self.factory = factory }

    public func run(
        _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
    ) async throws -> Outcome {
        let running = Meter(label: "job_attempts_running", dimensions: [("queue", attempt.queue)], factory: factory)
        running.increment()
        let begin = ContinuousClock.now
        var outcome = "cancelled"
        defer {
            running.decrement()
            Timer(
                label: "job_attempt_duration_seconds",
                dimensions: [("queue", attempt.queue), ("kind", attempt.kind), ("outcome", outcome)],
                preferredDisplayUnit: .seconds, factory: factory
            ).record(duration: ContinuousClock.now - begin)
        }
        do {
            let result = try await next(attempt)
            outcome = result.name
            return result
        } catch {
            if !(error is CancellationError) { outcome = "retry" }
            throw error
        }
    }
}
