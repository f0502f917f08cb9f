public import CoreMetrics
import Synchronization

/// A backend of swift-metrics that Prometheus can read: counters, gauges, and histograms of times in seconds.
///
/// A series stands as long as the process does. There are at most ``mostSeries``: labels whose values a client could
/// choose do not belong into metrics, and if one gets there all the same, memory stays bounded.
public final class PrometheusRegistry: MetricsFactory {
    public static let mostSeries = 10_000

    enum Series: Sendable {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)

        /// As the text format calls it.
        var type: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    private struct Family {
        let type: String
        /// By their labels, as text.
        var series: [String: Series] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var count = 0
    }

    private let state = Mutex(State())
    private let help: [String: String]

    /// - Parameter help: what metrics mean, by their names.
    public init(help: [String: String] = MetricHelp.texts) { self.help = help }

    /// The series of a name and its labels; one that nobody reads where the name has another type, or where there are
    /// too many.
    private func series<Found>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Series, _ read: (Series) -> Found?
    ) -> Found? {
        let (name, labels) = (PrometheusText.name(label), PrometheusText.labels(dimensions))
        return state.withLock { state in
            if let found = state.families[name]?.series[labels] { return read(found) }
            let new = make()
            guard state.count < Self.mostSeries else { return nil }
            var family = state.families[name] ?? Family(type: new.type)
            guard family.type == new.type else { return nil }
            family.series[labels] = new
            state.families[name] = family
            state.count += 1
            return read(new)
        }
    }

    /// Everything, in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
    public func text() -> String {
        let families = state.withLock(\.families)
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            PrometheusText.head(name, family.type, help[name], to: &text)
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                PrometheusText.write(series, name, labels, to: &text)
            }
        }
        return text
    }
}

// MARK: - MetricsFactory

extension PrometheusRegistry {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, { .counter(CounterSeries()) }) {
            if case .counter(let counter) = $0 { counter } else { nil }
        } ?? CounterSeries()
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions) : gauge(label, dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        series(label, dimensions, { .gauge(GaugeSeries()) }) {
            if case .gauge(let gauge) = $0 { gauge } else { nil }
        } ?? GaugeSeries()
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        let bounds = HistogramBounds.bounds(of: label)
        return series(label, dimensions, { .histogram(HistogramSeries(bounds: bounds)) }) {
            if case .histogram(let histogram) = $0 { histogram } else { nil }
        } ?? HistogramSeries(bounds: bounds)
    }

    // A series that were destroyed and made anew would begin at 0, and whoever reads it would see a restart.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
