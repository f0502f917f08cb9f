import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Tracing

@testable import Operations

/// The exporter before collectors that behave, and such that do not.
@Suite(.timeLimit(.minutes(3))) struct TraceExporterTests {
    private func settings(_ url: String, _ change: (inout TraceSettings) -> Void = { _ in }) -> TraceSettings {
        var settings = TraceSettings(
            url: url, headers: [("x-key", "secret")], service: "posthaste-test", version: "1.2.3")
        settings.delay = .milliseconds(20)
        settings.backoff = .milliseconds(5)
        change(&settings)
        return settings
    }

    /// Runs an exporter while a body runs, and then shuts it down.
    private func running(
        _ settings: TraceSettings, lines: Locked<[String]> = Locked([]), body: (TraceExporter) async throws -> Void
    ) async throws {
        let exporter = TraceExporter(settings, logger: .keeping(lines))
        let group = ServiceGroup(services: [exporter], logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(exporter)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func make(_ count: Int, _ exporter: TraceExporter) {
        for number in 0..<count { exporter.tracer.startSpan("span \(number)", context: .topLevel).end() }
    }

    @Test func spansGoOutInBatches() async throws {
        try await StandInCollector.run(.takes) { url, collector in
            try await running(settings(url) { $0.batch = 10 }) { exporter in
                make(25, exporter)
                try await eventually("all are there") { collector.taken.value.count == 25 }
            }
            #expect(Set(collector.taken.value) == Set((0..<25).map { "span \($0)" }))
            #expect(collector.bodies.count >= 3)
            #expect(
                collector.headers.allSatisfy {
                    $0["content-type"] == "application/x-protobuf" && $0["x-key"] == "secret"
                })
            let text = String(decoding: collector.bodies[0], as: UTF8.self)
            for part in ["service.name", "posthaste-test", "1.2.3", "host.name", "process.pid", "service.instance.id"] {
                #expect(text.contains(part))
            }
        }
    }

    @Test func whatIsLeftGoesOutAtTheEnd() async throws {
        try await StandInCollector.run(.takes) { url, collector in
            try await running(settings(url) { $0.delay = .seconds(600) }) { make(3, $0) }
            #expect(collector.taken.value.count == 3)
        }
    }

    @Test(arguments: [429, 502, 503, 504])
    func aBatchIsSentAgainWhereThatMayHelp(status: Int) async throws {
        try await StandInCollector.run(.answers(status), .answers(status, retryAfter: 0), .takes) { url, collector in
            try await running(settings(url)) { exporter in
                make(2, exporter)
                try await eventually("they are taken") { collector.taken.value.count == 2 }
            }
            #expect(collector.bodies.count == 3 && Set(collector.bodies).count == 1)
        }
    }

    @Test(arguments: [400, 301, 500])
    func aBatchIsNotSentAgainWhereThatCannotHelp(status: Int) async throws {
        let lines = Locked<[String]>([])
        try await StandInCollector.run(.answers(status), .takes) { url, collector in
            try await running(settings(url), lines: lines) { exporter in
                make(2, exporter)
                try await eventually("it is told") { !lines.value.isEmpty }
                make(1, exporter)
                try await eventually("the next is taken") { collector.taken.value.count == 1 }
                try await eventually("that is told, too") { lines.value.count == 2 }
            }
        }
        #expect(
            lines.value[0].contains("Traces are not taken by the collector")
                && lines.value[0].contains("HTTP \(status)"))
        #expect(lines.value[1].contains("Traces are taken again"))
    }

    /// However many batches are lost.
    @Test func triesAreBoundedAndTheLossIsToldOnce() async throws {
        let lines = Locked<[String]>([])
        try await StandInCollector.run(.answers(503)) { url, collector in
            try await running(settings(url) { ($0.batch, $0.tries) = (1, 3) }, lines: lines) { exporter in
                make(4, exporter)
                try await eventually("each was tried") { collector.bodies.count == 12 }
            }
            #expect(Set(collector.bodies).count == 4)
        }
        #expect(lines.value.count == 1)
    }

    /// Nobody waits: spans are ended as fast as ever, the queue stays bounded, and the end comes in time.
    @Test(arguments: [StandInCollector.Manner.hangs, .rambles])
    func aCollectorThatHangsHoldsUpNobody(manner: StandInCollector.Manner) async throws {
        let lines = Locked<[String]>([])
        try await StandInCollector.run(manner) { url, collector in
            let settings = settings(url) { settings in
                (settings.capacity, settings.batch) = (64, 16)
                settings.farewell = .milliseconds(100)
                settings.timeout = .seconds(600)
            }
            try await running(settings, lines: lines) { exporter in
                make(1, exporter)
                try await eventually("it is asked") { collector.bodies.count >= 1 }
                make(5000, exporter)
            }
        }
    }

    @Test func aCollectorThatIsNotThereHoldsUpNobody() async throws {
        let lines = Locked<[String]>([])
        let settings = settings("http://127.0.0.1:\(try freePort())/v1/traces") { settings in
            (settings.capacity, settings.batch, settings.tries) = (64, 16, 2)
            settings.farewell = .milliseconds(100)
        }
        try await running(settings, lines: lines) { exporter in
            make(1000, exporter)
            try await eventually("it is told") { !lines.value.isEmpty }
        }
        #expect(lines.value.count == 1)
    }

    @Test func settingsAreReadAsTheSpecificationSays() {
        #expect(TraceSettings.endpoint("http://collector:4318") == "http://collector:4318/v1/traces")
        #expect(TraceSettings.endpoint("https://c.example/otlp/") == "https://c.example/otlp/v1/traces")
        for wrong in ["collector:4318", "http://user:pw@collector", "http://c/?a=b", "ftp://c", ""] {
            #expect(TraceSettings.endpoint(wrong) == nil, "\(wrong)")
        }
        let headers = TraceSettings.headers("authorization=Basic%20YWJj, x-a=1=2")
        #expect(headers?.map(\.name) == ["authorization", "x-a"])
        #expect(headers?.map(\.value) == ["Basic YWJj", "1=2"])
        for wrong in ["", "novalue", "=1", "a b=1", "a=%0d%0ax", "a=%2"] {
            #expect(TraceSettings.headers(wrong) == nil, "\(wrong)")
        }
    }
}

extension Logger {
    /// Keeps the lines of a logger.
    fileprivate static func keeping(_ lines: Locked<[String]>) -> Logger {
        Logger(label: "test") { label in
            LineLogHandler(label: label, format: .text, clock: { 0 }) { line in
                lines.update { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
    }
}
