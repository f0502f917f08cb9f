import Tracing

/// Runs each attempt in a span that follows from the one the job was enqueued in: the job carries the W3C trace context.
///
/// Names and attributes are those of OpenTelemetry's semantic conventions for messaging, version 1.30.
/// Source: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
public struct AttemptTracing: JobMiddleware {
    public init() {}

    public func run(
        _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
    ) async throws -> Outcome {
        var context = ServiceContext.current ?? .topLevel
        InstrumentationSystem.instrument.extract(attempt.meta.trace, into: &context, using: TraceFields())
        return try await withSpan("process \(attempt.kind)", context: context, ofKind: .consumer) { span in
            span.updateAttributes { $0.describe(attempt) }
            let outcome = try await next(attempt)
            span.attributes["posthaste.outcome"] = outcome.name
            if let error = outcome.error {
                span.setStatus(SpanStatus(code: .error, message: error))
            }
            return outcome
        }
    }
}

extension NewJob {
    /// The job as part of the trace that this task is in, unless it is part of one already.
    func traced() -> NewJob {
        guard let context = ServiceContext.current, meta.trace.isEmpty else { return self }
        var job = self
        InstrumentationSystem.instrument.inject(context, into: &job.meta.trace, using: TraceFields())
        return job
    }
}

extension [NewJob] {
    func traced() -> [NewJob] { ServiceContext.current == nil ? self : map { $0.traced() } }
}

/// The headers of W3C Trace Context; a job carries no others.
private struct TraceFields: Injector, Extractor {
    private static let names: Set<String> = ["traceparent", "tracestate"]

    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        if Self.names.contains(key) { carrier[key] = value }
    }

    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}

extension SpanAttributes {
    fileprivate mutating func describe(_ attempt: Attempt) {
        self["messaging.system"] = "redis"
        self["messaging.operation.type"] = "process"
        self["messaging.operation.name"] = "process"
        self["messaging.destination.name"] = attempt.queue
        self["messaging.consumer.group.name"] = KeySpace.group
        self["messaging.client.id"] = attempt.consumer
        self["messaging.message.id"] = "\(attempt.job)"
        self["posthaste.kind"] = attempt.kind
        self["posthaste.attempt"] = attempt.number
        self["posthaste.deliveries"] = attempt.deliveries
    }
}

extension Outcome {
    /// What went wrong, of an outcome that is a failure.
    fileprivate var error: String? {
        switch self {
        case .succeeded, .snooze, .expired, .discarded: nil
        case .retry(let error, _, _), .dead(_, let error), .unknown(let error): error
        }
    }
}
