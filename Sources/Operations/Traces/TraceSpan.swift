import Synchronization
public import Tracing

/// A span of ``TraceTracer``. One that is not recorded only hands its trace on.
public final class TraceSpan: Tracing.Span {
    public let context: ServiceContext
    private let name: String
    /// Nil: not recorded, or over.
    private let record: Mutex<SpanRecord?>
    private let queue: SpanQueue

    init(_ context: ServiceContext, name: String, record: SpanRecord?, queue: SpanQueue) {
        self.context = context
        self.name = name
        self.record = Mutex(record)
        self.queue = queue
    }

    public var isRecording: Bool { record.withLock { $0 != nil } }

    public var operationName: String {
        get { record.withLock { $0?.name } ?? name }
        set { record.withLock { $0?.name = newValue } }
    }

    public var attributes: SpanAttributes {
        get { record.withLock { $0?.attributes } ?? [:] }
        set { record.withLock { $0?.attributes = newValue } }
    }

    public func setStatus(_ status: SpanStatus) { record.withLock { $0?.status = status } }

    public func addEvent(_ event: SpanEvent) { record.withLock { $0?.add(event) } }

    public func addLink(_ link: SpanLink) { record.withLock { $0?.add(link) } }

    /// The type alone: an error of somebody else's may repeat in its text what it was given.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        var attributes = attributes
        attributes["exception.type"] = "\(type(of: error))"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Only the first call counts.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard var ended = record.withLock({ $0.take() }) else { return }
        // The clock may have been set back meanwhile.
        ended.end = max(ended.start, instant().nanosecondsSinceEpoch)
        queue.add(ended)
    }
}
