import CoreMetrics
import Synchronization

/// A number that only grows.
final class CounterSeries: CounterHandler, Sendable {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { count.store(0, ordering: .relaxed) }
}

/// A number that is what it was last set to.
final class GaugeSeries: MeterHandler, RecorderHandler, Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func increment(by amount: Double) { change { $0 + amount } }
    func decrement(by amount: Double) { change { $0 - amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    private func change(_ body: (Double) -> Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = body(Double(bitPattern: old)).bitPattern
            let (exchanged, found) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = found
        }
    }
}

/// How many of what was measured lay below each of some bounds, and the sum of it all.
final class HistogramSeries: TimerHandler, RecorderHandler, Sendable {
    /// In seconds, or in whatever is measured. Finer where a one-time code's delivery is decided, up to the longest
    /// time-out of a provider.
    static let bounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    struct Content {
        /// One more than there are bounds: the last of what lies above them all.
        var counts = [UInt64](repeating: 0, count: HistogramSeries.bounds.count + 1)
        var sum = 0.0
    }

    private let content = Mutex(Content())

    var value: Content { content.withLock { $0 } }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let place = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        content.withLock { content in
            content.counts[place] += 1
            content.sum += value
        }
    }
}
