public import JobRuntime

/// What a process shows Prometheus: what it has counted itself, and the state of the queues as Redis has it now. Every
/// process shows the same of the latter, so that it is seen whichever of them lives; queries take the `max by (queue)`.
public final class MetricsPage: Sendable {
    private let registry: PrometheusRegistry
    private let state: SharedState

    /// - Parameters:
    ///   - inspector: its Redis must be running.
    ///   - queues: that are shown though nobody may have used them yet.
    public init(registry: PrometheusRegistry, inspector: QueueInspector, queues: [String], version: String) {
        self.registry = registry
        state = SharedState(within: .seconds(1), for: .seconds(1)) {
            var page = GaugePage(version: version)
            do {
                try await page.fill(from: inspector, queues)
                return page
            } catch {
                return nil
            }
        } otherwise: {
            var page = GaugePage(version: version)
            page.gauge("redis_up", 0)
            return page
        }
    }

    /// The page in Prometheus's text format, within a second or so, whatever becomes of Redis.
    public func text() async -> String { registry.text() + (await state.text()) }
}
