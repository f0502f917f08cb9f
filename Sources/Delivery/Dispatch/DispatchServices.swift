public import JobRuntime
public import Logging
public import Metrics

/// What the dispatchers of a worker share.
public struct DispatchServices: Sendable {
    let state: DeliveryState
    let suppressions: SuppressionList
    let breakers: Breakers
    let metrics: any MetricsFactory
    /// Tells what was reported of a job.
    let jobs: JobClient
    /// 0 up to 1, for jitter.
    let random: @Sendable () -> Double

    /// - Parameters:
    ///   - jobs: need not be running.
    ///   - metrics: where they go; by default where the process was told to at its start.
    public init(
        state: DeliveryState, jobs: JobClient, metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger
    ) {
        self.init(
            state: state, jobs: jobs, breakers: Breakers(clock: SystemClock(), metrics: metrics, logger: logger),
            metrics: metrics, random: { .random(in: 0..<1) })
    }

    init(
        state: DeliveryState, jobs: JobClient, breakers: Breakers, metrics: any MetricsFactory = MetricsSystem.factory,
        random: @escaping @Sendable () -> Double
    ) {
        self.state = state
        self.jobs = jobs
        self.breakers = breakers
        self.metrics = metrics
        self.random = random
        suppressions = SuppressionList(state)
    }
}
