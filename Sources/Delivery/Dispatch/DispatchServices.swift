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
    public init(
        state: DeliveryState, jobs: JobClient, clock: any RuntimeClock = SystemClock(), logger: Logger,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.state = state
        self.jobs = jobs
        self.random = random
        suppressions = SuppressionList(state)
        breakers = Breakers(clock: clock, logger: logger)
    }
}
