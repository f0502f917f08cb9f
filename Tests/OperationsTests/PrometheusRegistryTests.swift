import CoreMetrics
import Testing

@testable import Operations

@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry(help: ["a_total": "What it counts."])

    private func lines() -> [String] { registry.text().split(separator: "\n").map(String.init) }

    @Test func countersGrow() {
        Counter(label: "a_total", dimensions: [("q", "sms"), ("k", "x")], factory: registry).increment()
        Counter(label: "a_total", dimensions: [("k", "x"), ("q", "sms")], factory: registry).increment(by: 2)
        Counter(label: "a_total", factory: registry).increment()
        #expect(
            lines() == [
                "# HELP a_total What it counts.", "# TYPE a_total counter", "a_total 1", #"a_total{k="x",q="sms"} 3"#,
            ])
    }

    @Test func gaugesAreWhatTheyWereSetTo() {
        let running = Meter(label: "running", factory: registry)
        running.increment(by: 3)
        running.decrement()
        Gauge(label: "found", factory: registry).record(1.5)
        #expect(lines() == ["# TYPE found gauge", "found 1.5", "# TYPE running gauge", "running 2"])
    }

    @Test func timesAreSortedIntoBuckets() {
        let timer = Timer(label: "t_seconds", dimensions: [("q", "sms")], factory: registry)
        for milliseconds in [0, 1, 3, 3, 90_000] { timer.recordMilliseconds(milliseconds) }
        let lines = lines()
        #expect(lines.contains(#"t_seconds_bucket{q="sms",le="0.0005"} 1"#))
        #expect(lines.contains(#"t_seconds_bucket{q="sms",le="0.001"} 2"#))
        #expect(lines.contains(#"t_seconds_bucket{q="sms",le="0.0025"} 2"#))
        #expect(lines.contains(#"t_seconds_bucket{q="sms",le="0.005"} 4"#))
        #expect(lines.contains(#"t_seconds_bucket{q="sms",le="60"} 4"#))
        #expect(lines.contains(#"t_seconds_bucket{q="sms",le="+Inf"} 5"#))
        #expect(lines.contains(#"t_seconds_count{q="sms"} 5"#))
        #expect(lines.contains(#"t_seconds_sum{q="sms"} 90.007"#))
    }

    @Test func whatALabelSaysCannotBreakTheFormat() {
        Counter(label: "a-b.c", dimensions: [("l", "x\"\n\\y")], factory: registry).increment()
        #expect(lines().last == #"a_b_c{l="x\"\n\\y"} 1"#)
    }

    @Test func thereAreNoMoreSeriesThanThereMayBe() {
        for number in 0...PrometheusRegistry.mostSeries {
            Counter(label: "n", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        #expect(lines().count == 1 + PrometheusRegistry.mostSeries)
    }

    @Test func aNameHasOneType() {
        Counter(label: "x", factory: registry).increment()
        Gauge(label: "x", factory: registry).record(7)
        #expect(lines() == ["# TYPE x counter", "x 1"])
    }
}
