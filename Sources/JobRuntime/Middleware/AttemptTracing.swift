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
            attempt.notes.enter(span.context, TraceFields.of(span.context))
            guard span.isRecording else { return try await next(attempt) }
            span.updateAttributes { $0.describe(attempt) }
            defer { span.updateAttributes { $0.describe(attempt.notes.facts) } }
            let outcome = try await next(attempt)
            span.attributes["posthaste.outcome"] = outcome.name
            if let error = outcome.error {
                span.setStatus(SpanStatus(code: .error, message: error))
            }
            return outcome
        }
    }
}

extension Settler {
    /// Settles as ``settle(_:then:)`` does, in a span that follows from the attempt's; without one, in none.
    func settle(
        _ settlement: Settlement, of delivered: Delivered, in context: ServiceContext?,
        then finish: @escaping @Sendable (Settlement.Answer) -> Void
    ) {
        guard let context else { return settle(settlement, then: finish) }
        let span = startSpan("settle \(delivered.kind)", context: context, ofKind: .client)
        settle(settlement) { answer in
            if span.isRecording {
                let end = AttemptEnd(answer, settlement.verb)
                span.updateAttributes { attributes in
                    attributes["messaging.system"] = "redis"
                    attributes["messaging.operation.type"] = "settle"
                    attributes["messaging.operation.name"] = "settle"
                    attributes["messaging.message.id"] = "\(delivered.job)"
                    attributes["posthaste.outcome"] = end.outcome
                }
                if answer != .settled { span.setStatus(SpanStatus(code: .error, message: end.outcome)) }
            }
            span.end()
            finish(answer)
        }
    }
}

/// The span of an enqueue: in the trace that this task is in; where it is in none, there is no span.
struct EnqueueSpan {
    private let span: (any Span)?
    /// The jobs, as part of the trace, unless they were part of one before.
    let jobs: [NewJob]

    init(_ jobs: [NewJob]) {
        guard let context = ServiceContext.current, let first = jobs.first(where: { $0.meta.trace.isEmpty }) else {
            (span, self.jobs) = (nil, jobs)
            return
        }
        let span = startSpan("enqueue \(first.kind)", context: context, ofKind: .producer)
        if span.isRecording {
            span.updateAttributes { attributes in
                attributes["messaging.system"] = "redis"
                attributes["messaging.operation.type"] = "send"
                attributes["messaging.operation.name"] = "enqueue"
                attributes["messaging.destination.name"] = first.queue.name
                if jobs.count == 1 {
                    attributes["messaging.message.id"] = "\(first.id)"
                } else {
                    attributes["messaging.batch.message_count"] = jobs.count
                }
            }
        }
        let trace = TraceFields.of(span.context)
        (self.span, self.jobs) = (span, jobs.map { $0.traced(trace) })
    }

    func end(_ results: [Result<Receipt, EnqueueError>]) {
        guard let span else { return }
        let failures = results.count { if case .failure = $0 { true } else { false } }
        if failures > 0 {
            span.setStatus(SpanStatus(code: .error, message: "\(failures) of \(results.count) not enqueued"))
        }
        span.end()
    }
}

extension NewJob {
    /// The job as part of a trace, unless it is part of one already.
    func traced(_ trace: [String: String]) -> NewJob {
        guard meta.trace.isEmpty else { return self }
        var job = self
        job.meta.trace = trace
        return job
    }
}

/// The headers of W3C Trace Context; a job carries no others.
private struct TraceFields: Injector, Extractor {
    private static let names: Set<String> = ["traceparent", "tracestate"]

    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        if Self.names.contains(key) { carrier[key] = value }
    }

    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }

    /// What a job carries that is part of a span's trace.
    static func of(_ context: ServiceContext) -> [String: String] {
        var fields: [String: String] = [:]
        InstrumentationSystem.instrument.inject(context, into: &fields, using: Self())
        return fields
    }
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

    fileprivate mutating func describe(_ facts: [(name: String, value: String)]) {
        for (name, value) in facts { self["posthaste.\(name)"] = value }
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
