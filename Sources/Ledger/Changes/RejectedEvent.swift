import FoundationEssentials
import JobRuntime
import Messaging
import NIOCore

/// An event that cannot be kept, and why.
struct RejectedEvent: Equatable, Sendable {
    var place: Int64
    /// The message that it tells of.
    var message: JobID?
    var reason: String
    var sqlState: String?
    /// The event as a JSON object.
    var fields: String

    init(_ event: LedgerEvent, because reason: String, sqlState: String? = nil) {
        place = event.id.position
        if case .job(let job, _) = event.content { message = job.id }
        self.reason = reason
        self.sqlState = sqlState
        fields = event.content.json
    }
}

extension LedgerEvent.Content {
    /// For a person who looks what has become of the event.
    fileprivate var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        func write(_ name: String, _ value: String) {
            writer.key(text: name)
            writer.string(value)
        }
        switch self {
        case .job(let event, let payload):
            writer.key("event")
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            writer.json((try? encoder.encode(event)).map { String(decoding: $0, as: UTF8.self) } ?? "null")
            if let payload { write("payload", String(buffer: payload)) }
        case .other(let type, let fields):
            write("type", type)
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) { write(name, value) }
        case .unreadable(let fields, _):
            for field in fields { write(field.name, field.value) }
        }
        writer.endObject()
        return String(buffer: writer.buffer)
    }
}
