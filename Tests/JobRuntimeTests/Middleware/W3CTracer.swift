import InMemoryTracing
import Tracing

/// The tracer in memory, with the headers of W3C Trace Context in and out.
struct W3CTracer: Tracer {
    typealias Span = InMemorySpan

    private let spans = InMemoryTracer(idGenerator: .init(nextTraceID: Self.traceID, nextSpanID: Self.spanID))

    private static let traceID: @Sendable () -> String = { hex(16) }
    private static let spanID: @Sendable () -> String = { hex(8) }

    private static func hex(_ bytes: Int) -> String {
        (0..<bytes * 2).map { _ in String(Int.random(in: 1..<16), radix: 16) }.joined()
    }

    /// The tracer of this process: it can be set but once.
    static let shared: W3CTracer = {
        let tracer = W3CTracer()
        InstrumentationSystem.bootstrap(tracer)
        return tracer
    }()

    func finished(trace: String) -> [FinishedInMemorySpan] { spans.finishedSpans.filter { $0.traceID == trace } }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> InMemorySpan {
        spans.startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID,
            line: line)
    }

    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let parts = extractor.extract(key: "traceparent", from: carrier)?.split(separator: "-").map(String.init) ?? []
        guard parts.count == 4 else { return }
        context.inMemorySpanContext = InMemorySpanContext(traceID: parts[1], spanID: parts[2], parentSpanID: nil)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.inMemorySpanContext else { return }
        injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: "traceparent", into: &carrier)
        injector.inject("not a header of traces", forKey: "x-other", into: &carrier)
    }
}
