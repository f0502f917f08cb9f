public import JobRuntime
public import Logging

/// What the dispatchers of a worker share.
public struct DispatchServices: Sendable {
    let state: DeliveryState
    let suppressions: SuppressionList
    let breakers: Breakers
    /// Tells what was reported of a job.
    let jobs: JobClient
    /// 0 up to 1, for jitter.
    let random: @Sendable () -> Double

    /// - Parameter jobs: need not be running.
    public init(state: DeliveryState, jobs: JobClient, logger: Logger) {
        self.init(
            state: state, jobs: jobs, breakers: Breakers(clock: SystemClock(), logger: logger),
            random: { .random(in: 0..<1) })
    }

    init(state: DeliveryState, jobs: JobClient, breakers: Breakers, random: @escaping @Sendable () -> Double) {
        self.state = state
        self.jobs = jobs
        self.breakers = breakers
        self.random = random
        suppressions = SuppressionList(state)
    }
}
