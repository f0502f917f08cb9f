/// What a ``StatusServer`` is asked for, and who knows it.
public struct StatusAnswers: Sendable {
    /// `/health`: whether the process does what it is there for. If not, it is to be started anew.
    public var health: @Sendable () async -> StatusReport
    /// `/ready`: whether it can work now.
    public var ready: @Sendable () async -> StatusReport
    /// `/metrics`, in Prometheus's text format.
    public var metrics: @Sendable () async -> String

    public init(
        health: @escaping @Sendable () async -> StatusReport, ready: @escaping @Sendable () async -> StatusReport,
        metrics: @escaping @Sendable () async -> String
    ) {
        self.health = health
        self.ready = ready
        self.metrics = metrics
    }
}
