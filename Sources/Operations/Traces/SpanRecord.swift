import Tracing

/// What is told of one span.
struct SpanRecord: Sendable {
    /// More is left out, and counted.
    static let mostAttributes = 64
    static let mostEvents = 16
    static let mostLinks = 16
    /// In bytes; longer texts are cut.
    static let longestText = 1024

    let identity: SpanIdentity
    let parent: UInt64?
    var name: String
    let kind: SpanKind
    /// Unix nanoseconds.
    let start: UInt64
    var end: UInt64 = 0
    var attributes = SpanAttributes()
    var events: [SpanEvent] = []
    var links: [SpanLink] = []
    var droppedEvents = 0
    var droppedLinks = 0
    var status: SpanStatus?

    mutating func add(_ event: SpanEvent) {
        guard events.count < Self.mostEvents else { return droppedEvents += 1 }
        events.append(event)
    }

    mutating func add(_ link: SpanLink) {
        guard links.count < Self.mostLinks else { return droppedLinks += 1 }
        links.append(link)
    }
}
