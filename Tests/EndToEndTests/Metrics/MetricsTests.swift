import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Operations
import Postgres
import TestSupport
import Testing

/// What real processes show, judged by real tools, and what reads it.
@Suite(.timeLimit(.minutes(5))) struct MetricsTests {
    /// A fleet in which everything that is measured is there.
    private struct Watched {
        let fleet: Fleet
        /// Host and port of each page, by job.
        let targets: [String: String]

        init() async throws {
            let server = try await PrivatePostgres.shared()
            let application = try await server.freshDatabase()
            fleet = try await LedgerFleet(
                settings: [
                    "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_REQUESTS": "1000000", "AUDIT_INTERVAL_SECONDS": "1",
                    "OUTBOX_DATABASE_URL": server.url(application),
                    // Nobody is there: what is lost is counted, and disturbs nothing.
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(try freePort())",
                ]
            ).fleet
            let worker = try await fleet.startWorker()
            var status = ""
            try await eventually("the worker tells where it can be asked") {
                status =
                    worker.process.output.firstMatch(of: /address=http:\/\/(127\.0\.0\.1:\d+)/).map { String($0.1) }
                    ?? ""
                return !status.isEmpty
            }
            targets = ["ingress": "127.0.0.1:\(fleet.ingressPort)", "worker": status]
        }

        func page(of job: String) async throws -> String {
            let request = HTTPClientRequest(url: "http://\(try #require(targets[job]))/metrics")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            #expect(response.headers.first(name: "Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
            return String(buffer: try await response.body.collect(upTo: 1 << 24))
        }

        /// Three messages that are sent and one that never will be, and an audit of them.
        func use() async throws {
            try await fleet.allSent(try await fleet.sendTexts(3))
            _ = try await fleet.sendTexts(1, directive: "[simulate:status=400,code=21211]")
            try await eventually("one is dead") { try await fleet.depth("message_queue:sms:dead") == 1 }
            try await eventually("an audit was made") { try await page(of: "worker").contains("ledger_audit_messages") }
        }
    }

    @Test(.enabled(if: Prometheus.isInstalled, "scripts/install-packages prometheus brings what judges here"))
    func aRealPrometheusReadsWhatTheProcessesShow() async throws {
        let watched = try await Watched()
        try await watched.use()
        let directory = watched.fleet.redis.directory
        var all = MetricsText("")
        for job in watched.targets.keys.sorted() {
            let page = try await watched.page(of: job)
            try await judge(page, job, in: directory)
            let text = MetricsText(page)
            for (name, family) in text.families { #expect(family.hasHelp, "\(name)") }
            #expect(text.values[#"queue_dead{queue="message_queue:sms"}"#] == 1)
            #expect(text.values["redis_up"] == 1)
            all.add(text)
        }
        #expect(Set(all.families.keys) == Set(MetricHelp.texts.keys))
        #expect(try documented() == Set(MetricHelp.texts.keys))
        try checkDashboard(all)

        let prometheus = try await Prometheus(scraping: watched.targets, in: directory)
        try await eventually("both are scraped") {
            (try? await prometheus.values("sum(up)")) == ["\(watched.targets.count)"]
        }
        #expect(try await prometheus.values("sum(message_sent_total)") == ["3"])
        #expect(try await prometheus.values(#"sum(message_failed_total{reason="permanent"})"#) == ["1"])
        for query in try Deployment.dashboard() { _ = try await prometheus.values(Deployment.filled(query.text)) }
        try await check(prometheus, all)
    }

    private func judge(_ page: String, _ job: String, in directory: URL) async throws {
        let file = directory.appending(path: "\(job).metrics")
        try page.write(to: file, atomically: true, encoding: .utf8)
        let judge = try ChildProcess(
            "/bin/sh", ["-c", "exec promtool check metrics < \(file.path())"], directory: directory)
        #expect(await judge.wait() == 0, "\(job): \(judge.output)")
        #expect(judge.output == "", "\(job)")
    }

    /// The metrics that docs/metrics.md has a row for.
    private func documented() throws -> Set<String> {
        Set(try Deployment.text("docs/metrics.md").matches(of: /\n\| `([a-z_]+)`/).map { String($0.1) })
    }

    private func checkDashboard(_ page: MetricsText) throws {
        let queries = try Deployment.dashboard()
        #expect(queries.count > 40)
        for query in queries {
            let parsed = MetricQuery(query.text)
            #expect(!parsed.selectors.isEmpty, "\(query.text)")
            #expect(parsed.faults(in: page) == [], "\(query.title): \(query.text)")
            let legend = query.legend.matches(of: /\{\{(.*?)\}\}/).map { String($0.1) }
            #expect(parsed.groupings.isSuperset(of: legend), "\(query.title): \(query.legend)")
        }
    }

    /// The rules are good, and nothing is wrong but what is meant to be.
    private func check(_ prometheus: Prometheus, _ page: MetricsText) async throws {
        try await eventually("all rules have been looked at") {
            try await prometheus.rules().allSatisfy { $0.health == "ok" }
        }
        let rules = try await prometheus.rules()
        for rule in rules {
            #expect(MetricQuery(rule.query).faults(in: page) == [], "\(rule.name)")
            #expect(["warning", "critical"].contains(rule.labels["severity"]), "\(rule.name)")
            #expect(rule.annotations["summary"]?.isEmpty == false, "\(rule.name)")
            #expect(rule.state != "firing", "\(rule.name)")
        }
        #expect(
            Set(rules.compactMap { $0.annotations["runbook_url"]?.replacing("docs/operations.md#", with: "") }) == [
                "audit-imbalance", "breaker-open", "dead-letters-growing", "fenced-settlements", "ledger-lag",
                "no-worker", "queue-ageing", "redis-away", "redis-memory", "running-but-not-completing",
            ])
    }

    @Test func withoutRedisAProcessShowsWhatItKnowsItself() async throws {
        let fleet = try await Fleet()
        func page() async throws -> MetricsText { MetricsText(try await fleet.get("/metrics").text) }
        try await eventually("it shows the queues") { try await page().values["redis_up"] == 1 }
        fleet.redis.freeze()
        try await eventually("it does not wait for a Redis that stands still") {
            try await page().values["redis_up"] == 0
        }
        fleet.redis.thaw()
        try await eventually("it shows the queues again") { try await page().values["redis_up"] == 1 }
        await fleet.redis.kill()
        try await eventually("it says that Redis is away") { try await page().values["redis_up"] == 0 }
        let families = try await page().families
        #expect(families["api_request_duration_seconds"] != nil)
        #expect(families["queue_depth"] == nil, "what is not known is not shown")
    }
}
