import HTTPTypes
import Hummingbird
import Tracing

/// The span of one request, which follows from the trace that the request says it is part of.
///
/// Names and attributes are those of OpenTelemetry's semantic conventions for HTTP, version 1.30. It has no path and no
/// query, and nothing of a client's: addresses may be in them.
/// Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
struct RequestSpan: Sendable {
    private let span: any Span

    /// - Parameter context: is given the trace that the jobs of the request are to be part of.
    init(_ tracer: any Tracer, _ request: Request, _ context: inout IngressContext) {
        var parent = ServiceContext.topLevel
        if let trace = context.trace { tracer.extract(trace.fields, into: &parent, using: TraceFields()) }
        span = tracer.startSpan(request.method.rawValue, context: parent, ofKind: .server)
        var fields: [String: String] = [:]
        tracer.inject(span.context, into: &fields, using: TraceFields())
        if let trace = TraceContext(fields) { context.trace = trace }
    }

    /// What the tasks in it know of it by.
    var context: ServiceContext { span.context }

    func end(_ request: Request, _ context: IngressContext, _ response: Response) {
        if span.isRecording {
            let (method, route) = (request.method.rawValue, context.endpointPath)
            if let route { span.operationName = "\(method) \(route)" }
            span.updateAttributes { attributes in
                attributes["http.request.method"] = method
                attributes["http.route"] = route
                attributes["http.response.status_code"] = response.status.code
                attributes["posthaste.request_id"] = context.requestID
            }
            if response.status.code >= 500 {
                span.attributes["error.type"] = "\(response.status.code)"
                span.setStatus(SpanStatus(code: .error))
            }
        }
        span.end()
    }
}

private struct TraceFields: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }

    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}
