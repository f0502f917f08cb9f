import Benchmark
import Foundation

extension BenchmarkMetric {
    /// Nanoseconds that the threads of this process have computed, in the kernel, too. The package's own CPU time counts
    /// in ticks of ten milliseconds.
    static let cpu = BenchmarkMetric.custom("CPU (ns)", polarity: .prefersSmaller, useScalingFactor: true)
}

extension Benchmark {
    /// Measures this, and nothing else of the iteration.
    func measure<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        startMeasurement()
        let begin = Self.processNanoseconds
        try body()
        let end = Self.processNanoseconds
        stopMeasurement()
        measurement(.cpu, end - begin)
    }

    /// The same, of what waits.
    func measure<Failure: Error, Answer>(_ body: () async throws(Failure) -> Answer) async throws(Failure) -> Answer {
        startMeasurement()
        let begin = Self.processNanoseconds
        let answer = try await body()
        let end = Self.processNanoseconds
        stopMeasurement()
        measurement(.cpu, end - begin)
        return answer
    }

    private static var processNanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
