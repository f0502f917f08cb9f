import Foundation
import TestSupport
import Testing

/// deploy/prometheus, judged by promtool.
@Suite(
    .timeLimit(.minutes(1)),
    .enabled(if: Prometheus.isInstalled, "scripts/install-packages prometheus brings what judges here"))
struct AlertTests {
    /// - Parameter file: of deploy/prometheus.
    private func promtool(_ words: String..., file: String) async throws -> String {
        // Not where the files are: a process leaves its output there.
        let directory = FileManager.default.temporaryDirectory.appending(path: "posthaste-promtool-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = Deployment.root.appending(path: "deploy/prometheus/\(file)").path()
        let tool = try ChildProcess("/usr/bin/promtool", words + [path], directory: directory)
        #expect(await tool.wait() == 0, "\(tool.output)")
        return tool.output
    }

    /// alerts_test.yml has for each alert when it fires, and when it does not.
    @Test func eachAlertFiresWhenItShouldAndOnlyThen() async throws {
        #expect(try await promtool("test", "rules", file: "alerts_test.yml").contains("SUCCESS"))
        let tests = try Deployment.text("deploy/prometheus/alerts_test.yml")
        let alerts = try Deployment.text("deploy/prometheus/alerts.yml").matches(of: /alert: (\w+)/)
        #expect(alerts.count == 11)
        for alert in alerts {
            #expect(tests.contains("alertname: \(alert.1)\n        exp_alerts:"), "\(alert.1) is never seen to fire")
            #expect(tests.contains("alertname: \(alert.1)}"), "\(alert.1) is never seen to be silent")
        }
    }

    @Test func theSettingsAreValid() async throws {
        _ = try await promtool("check", "config", "--syntax-only", file: "prometheus.yml")
        #expect(try await promtool("check", "rules", file: "alerts.yml").contains("11 rules found"))
    }
}

@Suite struct MetricQueryTests {
    private let page = MetricsText(
        """
        # HELP a_total a
        # TYPE a_total counter
        a_total{queue="q",outcome="done"} 1
        # HELP h_seconds h
        # TYPE h_seconds histogram
        h_seconds_bucket{kind="k",le="1"} 1
        h_seconds_sum{kind="k"} 1
        h_seconds_count{kind="k"} 1
        """)

    @Test(arguments: [
        #"sum by (queue) (rate(a_total{outcome=~"done"}[5m])) > 0 and on (queue) a_total offset 5m == 0"#,
        "histogram_quantile(0.5, sum by (le, kind) (rate(h_seconds_bucket[$__rate_interval])))",
        #"a_total{queue=~"$queue"} / scalar(max(h_seconds_count)) or absent(a_total)"#,
    ])
    func whatIsThereIsFound(query: String) {
        #expect(MetricQuery(query).faults(in: page) == [])
    }

    @Test(arguments: [
        ("rate(b_total[5m])", "no metric b_total"),
        (#"a_total{kind="k"}"#, "a_total has no label kind"), (#"a_total{outcome="dead"}"#, "outcome=dead"),
        (#"sum(a_total) by (kind)"#, "label kind"), ("a_total and on (kind) a_total", "label kind"),
    ])
    func whatIsNotThereIsNamed(query: String, fault: String) {
        #expect(MetricQuery(query).faults(in: page).contains { $0.contains(fault) })
    }
}
