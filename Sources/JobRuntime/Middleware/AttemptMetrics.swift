public import Metrics
import Synchronization

/// Measures attempts, with whatever backend swift-metrics was given: `job_attempt_duration_seconds` by `queue`, `kind` and
/// `outcome` (which counts them, too), and `job_attempts_running` by `queue`.
public struct AttemptMetrics: JobMiddleware {
    private let instruments: AttemptInstruments

    /// - Parameter factory: by default the one that the process was bootstrapped with.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        instruments = AttemptInstruments(factory: factory)
    }

    public func run(
        _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
    ) async throws -> Outcome {
        let instruments = instruments.of(queue: attempt.queue, kind: attempt.kind)
        instruments.running.increment()
        let begin = ContinuousClock.now
        var outcome = "cancelled"
        defer {
            instruments.running.decrement()
            instruments.timer(of: outcome).record(duration: ContinuousClock.now - begin)
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

/// Makes each instrument once: to make one means to look it up at the backend, by its labels as text.
private final class AttemptInstruments: Sendable {
    private struct Key: Hashable {
        var queue: String
        var kind: String
    }

    final class OfKind: Sendable {
        let running: Meter
        private let timers = Mutex<[(outcome: String, timer: Timer)]>([])
        private let make: @Sendable (_ outcome: String) -> Timer

        init(queue: String, kind: String, factory: any MetricsFactory) {
            running = Meter(label: "job_attempts_running", dimensions: [("queue", queue)], factory: factory)
            make = { outcome in
                Timer(
                    label: "job_attempt_duration_seconds",
                    dimensions: [("queue", queue), ("kind", kind), ("outcome", outcome)],
                    preferredDisplayUnit: .seconds, factory: factory)
            }
        }

        func timer(of outcome: String) -> Timer {
            timers.withLock { timers in
                if let known = timers.first(where: { $0.outcome == outcome }) { return known.timer }
                let timer = make(outcome)
                timers.append((outcome, timer))
                return timer
            }
        }
    }

    private let factory: any MetricsFactory
    private let kinds = Mutex<[Key: OfKind]>([:])

    init(factory: any MetricsFactory) { self.factory = factory }

    func of(queue: String, kind: String) -> OfKind {
        kinds.withLock { kinds in
            let key = Key(queue: queue, kind: kind)
            if let known = kinds[key] { return known }
            let new = OfKind(queue: queue, kind: kind, factory: factory)
            kinds[key] = new
            return new
        }
    }
}
