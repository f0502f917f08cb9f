import Tracing

/// What is posted to a collector: `ExportTraceServiceRequest`. The numbers are those of the fields in
/// opentelemetry/proto/trace/v1/trace.proto, version 1.5 (https://github.com/open-telemetry/opentelemetry-proto).
struct TraceRequest: Sendable {
    private let resource: [UInt8]

    /// - Parameter resource: what all spans have in common.
    init(resource: [(String, SpanAttribute)]) {
        var writer = ProtobufWriter()
        for (key, value) in resource { writer.attribute(1, key, value) }
        self.resource = writer.bytes
    }

    func bytes(_ spans: some Collection<SpanRecord>) -> [UInt8] {
        var request = ProtobufWriter()
        request.message(1) { resourceSpans in
            resourceSpans.encoded(1, resource)
            resourceSpans.message(2) { scopeSpans in
                scopeSpans.message(1) { $0.string(1, "posthaste") }
                for span in spans { scopeSpans.message(2) { $0.write(span) } }
            }
        }
        return request.bytes
    }
}

extension ProtobufWriter {
    fileprivate mutating func write(_ span: SpanRecord) {
        bigEndian(1, span.identity.traceHigh, span.identity.traceLow)
        bigEndian(2, span.identity.span)
        if let state = span.identity.state { string(3, state) }
        if let parent = span.parent { bigEndian(4, parent) }
        string(5, span.name.told)
        varint(6, span.kind.number)
        fixed64(7, span.start)
        fixed64(8, span.end)
        count(10, attributes(9, span.attributes))
        for event in span.events { message(11) { $0.write(event) } }
        count(12, span.droppedEvents)
        for link in span.links { message(13) { $0.write(link) } }
        count(14, span.droppedLinks)
        if let status = span.status { message(15) { $0.write(status) } }
        fixed32(16, span.identity.isSampled ? 1 : 0)
    }

    private mutating func write(_ event: SpanEvent) {
        fixed64(1, event.nanosecondsSinceEpoch)
        string(2, event.name.told)
        count(4, attributes(3, event.attributes))
    }

    private mutating func write(_ link: SpanLink) {
        guard let target = link.context.span else { return }
        bigEndian(1, target.traceHigh, target.traceLow)
        bigEndian(2, target.span)
        if let state = target.state { string(3, state) }
        count(5, attributes(4, link.attributes))
    }

    private mutating func write(_ status: SpanStatus) {
        if let message = status.message { string(2, message.told) }
        switch status.code {
        case .ok: varint(3, 1)
        case .error: varint(3, 2)
        }
    }

    private mutating func count(_ field: UInt64, _ dropped: Int) {
        if dropped > 0 { varint(field, UInt64(dropped)) }
    }

    /// - Returns: how many were left out.
    private mutating func attributes(_ field: UInt64, _ attributes: SpanAttributes) -> Int {
        var written = 0
        attributes.forEach { key, value in
            if written < SpanRecord.mostAttributes { attribute(field, key, value) }
            written += 1
        }
        return max(0, written - SpanRecord.mostAttributes)
    }

    fileprivate mutating func attribute(_ field: UInt64, _ key: String, _ value: SpanAttribute) {
        message(field) { pair in
            pair.string(1, key.told)
            pair.message(2) { $0.write(value) }
        }
    }

    /// One of the kinds of `AnyValue`.
    private mutating func write(_ value: SpanAttribute) {
        switch value {
        case .string(let text): string(1, text.told)
        case .bool(let bool): varint(2, bool ? 1 : 0)
        case .int32(let number): varint(3, UInt64(bitPattern: Int64(number)))
        case .int64(let number): varint(3, UInt64(bitPattern: number))
        case .double(let number): fixed64(4, number.bitPattern)
        case .stringConvertible(let value): string(1, value.description.told)
        case .stringArray(let texts): array(texts.map { .string($0) })
        case .boolArray(let values): array(values.map { .bool($0) })
        case .int32Array(let numbers): array(numbers.map { .int32($0) })
        case .int64Array(let numbers): array(numbers.map { .int64($0) })
        case .doubleArray(let numbers): array(numbers.map { .double($0) })
        case .stringConvertibleArray(let values): array(values.map { .string($0.description) })
        default: break
        }
    }

    private mutating func array(_ values: [SpanAttribute]) {
        message(5) { array in
            for value in values.prefix(SpanRecord.mostAttributes) { array.message(1) { $0.write(value) } }
        }
    }
}

extension SpanKind {
    fileprivate var number: UInt64 {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}

extension String {
    /// Not too long, and without addresses.
    fileprivate var told: String {
        let text = LogText.masked(self)
        return text.utf8.count <= SpanRecord.longestText
            ? text : String(decoding: text.utf8.prefix(SpanRecord.longestText), as: UTF8.self)
    }
}
