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
    /// In seconds, or in whatever is measured; ascending.
    let bounds: [Double]
    /// One more than there are bounds: the last of what lies above them all.
    private let counters: [CounterSeries]
    private let total = GaugeSeries()

    init(bounds: [Double]) {
        self.bounds = bounds
        counters = (0...bounds.count).map { _ in CounterSeries() }
    }

    var counts: [Int64] { counters.map(\.value) }
    var sum: Double { total.value }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        counters[bounds.firstIndex { value <= $0 } ?? bounds.count].increment(by: 1)
        total.increment(by: value)
    }
}
