import NIOCore
import Redis

extension LedgerEvent {
    /// Reads `[id, [name, value, …]]`; the cursor goes on behind it, whatever it is.
    ///
    /// - Returns: nil when there is not even an id.
    init?(_ cursor: inout RedisReply.Cursor) {
        var parts = cursor
        cursor.skip()
        guard let count = parts.array(), count > 0, let entry = parts.text().flatMap(EntryID.init(ascii:)) else {
            return nil
        }
        id = EventID(entry)
        content = count == 2 ? Content(&parts) : .unreadable(fields: [], why: "no fields")
    }

    /// Reads a list of entries.
    ///
    /// - Returns: nil when it is no list.
    static func list(_ cursor: inout RedisReply.Cursor) -> [LedgerEvent]? {
        guard let count = cursor.array() else { return nil }
        var events: [LedgerEvent] = []
        events.reserveCapacity(count)
        for _ in 0..<count { if let event = LedgerEvent(&cursor) { events.append(event) } }
        return events
    }
}

extension LedgerEvent.Content {
    fileprivate init(_ fields: inout RedisReply.Cursor) {
        var again = fields
        let reading = EventReading(&fields)
        if let event = reading.job {
            self = .job(event, payload: reading.payload)
        } else if reading.isOfJob || reading.event.type.isEmpty {
            let fields = again.pairs().map { LedgerEvent.Field($0, $1) }
            self = .unreadable(fields: fields, why: "no \(reading.missing.joined(separator: ", ")) that can be read")
        } else {
            let others = again.pairs().filter { $0.0 != "type" }
            self = .other(type: reading.event.type, fields: Dictionary(others) { $1 })
        }
    }
}

extension RedisReply.Cursor {
    fileprivate mutating func pairs() -> [(String, String)] {
        (0..<(array() ?? 0) / 2).map { _ in (string() ?? "", string() ?? "") }
    }
}

extension JobEvent {
    /// Reads the fields of an entry; nil when it is no such event.
    init?(_ fields: inout RedisReply.Cursor) {
        guard let event = EventReading(&fields).job else { return nil }
        self = event
    }
}

/// The fields of an event, names and values in turn, read in one pass: there are many, and all names are short enough
/// to be compared without memory of their own.
private struct EventReading {
    var event = JobEvent("", JobID(high: 0, low: 0), queue: "", at: Moment(0), attempt: 0)
    var payload: ByteBuffer?
    /// Whether it claims to be of a job.
    var isOfJob = false
    private var (hasID, hasQueue, hasMoment, hasAttempt) = (false, false, false, false)

    /// All that stands in an entry of a stream is a string.
    init(_ fields: inout RedisReply.Cursor) {
        for _ in 0..<(fields.array() ?? 0) / 2 {
            let name = fields.string() ?? ""
            if name == "data" {
                payload = fields.buffer()
            } else if let value = fields.text(), !readNeeded(name, value) {
                readOther(name, value)
            }
        }
    }

    var job: JobEvent? { isOfJob && missing.isEmpty ? event : nil }

    /// What every event of a job has, and this one has not.
    var missing: [String] {
        let found = [
            ("type", !event.type.isEmpty), ("id", hasID), ("queue", hasQueue), ("at", hasMoment),
            ("attempt", hasAttempt),
        ]
        return found.compactMap { $0.1 ? nil : $0.0 }
    }

    private mutating func readNeeded(_ name: String, _ value: UnsafeRawBufferPointer) -> Bool {
        switch name {
        case "type": event.type = value.string
        case "id":
            isOfJob = true
            guard let id = JobID(ascii: value) else { break }
            (event.id, hasID) = (id, true)
        case "queue": (event.queue, hasQueue) = (value.string, true)
        case "at":
            guard let at = Int64(ascii: value) else { break }
            (event.at, hasMoment) = (Moment(at), true)
        case "attempt":
            guard let attempt = Int64(ascii: value) else { break }
            (event.attempt, hasAttempt) = (Int(attempt), true)
        default: return false
        }
        return true
    }

    private mutating func readOther(_ name: String, _ value: UnsafeRawBufferPointer) {
        switch name {
        case "kind": event.kind = value.text
        case "lane": event.lane = Lane(rawValue: value.string)
        case "consumer": event.consumer = value.text
        case "deliveries": event.deliveries = Int64(ascii: value).map { Int($0) }
        case "elapsed": event.elapsed = Int64(ascii: value)
        case "due": event.due = Int64(ascii: value).map(Moment.init)
        case "reason": event.reason = value.text
        case "error": event.error = value.text
        case "result": event.result = value.text
        case "name": event.name = value.text
        case "rank": event.rank = Int64(ascii: value).map { Int($0) }
        case "token": event.token = value.text
        default: break
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var string: String { String(decoding: self, as: UTF8.self) }
    fileprivate var text: String? { isEmpty ? nil : string }
}
