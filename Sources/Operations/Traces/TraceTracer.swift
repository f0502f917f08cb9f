public import Tracing

/// A backend of swift-distributed-tracing: spans in W3C Trace Context, of which those that are sampled wait in a queue
/// for the ``TraceExporter``.
public struct TraceTracer: Tracer {
    private let sampler: Sampler
    private let ids: SpanIDs
    private let queue: SpanQueue

    init(ratio: Double, queue: SpanQueue) {
        sampler = Sampler(ratio: ratio)
        ids = SpanIDs()
        self.queue = queue
    }

    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> TraceSpan {
        var context = context()
        let parent = context.span
        let (high, low) = parent.map { ($0.traceHigh, $0.traceLow) } ?? (ids.next(), ids.next())
        let identity = SpanIdentity(
            traceHigh: high, traceLow: low, span: ids.next(),
            isSampled: sampler.isSampled(parent: parent, traceLow: low), state: parent?.state)
        context.span = identity
        let record =
            identity.isSampled
            ? SpanRecord(
                identity: identity, parent: parent?.span, name: operationName, kind: kind,
                start: instant().nanosecondsSinceEpoch) : nil
        return TraceSpan(context, name: operationName, record: record, queue: queue)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: "traceparent", from: carrier) else { return }
        guard
            let span = SpanIdentity(
                traceparent: parent, state: extractor.extract(key: "tracestate", from: carrier))
        else { return }
        context.span = span
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.span else { return }
        injector.inject(span.traceparent, forKey: "traceparent", into: &carrier)
        if let state = span.state { injector.inject(state, forKey: "tracestate", into: &carrier) }
    }

    /// The exporter does it by itself.
    public func forceFlush() {}
}
