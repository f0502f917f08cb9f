import Benchmark

/// Called by the `main` that the benchmark package writes.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpu, .throughput, .instructions], warmupIterations: 20, maxDuration: .seconds(2),
        maxIterations: 20_000)
    registerRESP()
    registerStore()
    registerAttempts()
    registerJSON()
}

extension Benchmark.Configuration {
    /// For what takes less than a microsecond or two: measured a thousand times together, shown as one.
    static var tiny: Self { .init(scalingFactor: .kilo) }
}
