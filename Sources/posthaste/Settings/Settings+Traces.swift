import Logging
import Operations
import Tracing

extension Settings {
    /// What sends traces to a collector, as the tracer of the process; nil: none are made.
    ///
    /// - Parameter service: what the process is called where `OTEL_SERVICE_NAME` says nothing.
    func traces(_ service: String, _ logger: Logger) throws -> TraceExporter? {
        guard let settings = try traceSettings(service) else { return nil }
        let exporter = TraceExporter(settings, logger: logger)
        InstrumentationSystem.bootstrap(exporter.tracer)
        return exporter
    }

    func traceSettings(_ service: String) throws -> TraceSettings? {
        let expected = "an address such as http://collector:4318, without user, path and query of its own"
        let endpoint = try reader.value("OTEL_EXPORTER_OTLP_ENDPOINT", expected: expected) { text in
            TraceSettings.endpoint(text)
        }
        guard let endpoint else { return nil }
        let headers = try reader.value(
            "OTEL_EXPORTER_OTLP_HEADERS", expected: "name=value, separated by commas, values percent-encoded"
        ) { TraceSettings.headers($0) }
        let ratio = try reader.value("OTEL_TRACES_SAMPLER_ARG", expected: "a share from 0 to 1") { text in
            Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
        }
        return TraceSettings(
            url: endpoint, headers: headers ?? [], service: reader.text("OTEL_SERVICE_NAME") ?? service,
            version: Posthaste.version, ratio: ratio ?? 1)
    }
}
