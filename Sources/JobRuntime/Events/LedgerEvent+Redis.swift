import NIOCore
import Redis

extension LedgerEvent {
    /// Reads `[id, [name, value, …]]`.
    ///
    /// - Returns: nil when there is not even an id.
    init?(_ value: RedisValue) {
        guard case .array(let parts) = value, let entry = parts.first?.bytes.flatMap(EntryID.init) else { return nil }
        id = EventID(entry)
        content = Content(parts.count == 2 ? parts[1].array ?? [] : [])
    }
}

extension LedgerEvent.Content {
    fileprivate init(_ fields: [RedisValue]) {
        let reading = EventReading(fields)
        if let event = reading.job {
            self = .job(event, payload: reading.payload)
        } else if reading.isOfJob || reading.event.type.isEmpty {
            let fields = pairs(of: fields).map { LedgerEvent.Field($0, $1) }
            self = .unreadable(fields: fields, why: "no \(reading.missing.joined(separator: ", ")) that can be read")
        } else {
            let others = pairs(of: fields).filter { $0.0 != "type" }
            self = .other(type: reading.event.type, fields: Dictionary(others) { $1 })
        }
    }
}

private func pairs(of fields: [RedisValue]) -> [(String, String)] {
    stride(from: 0, to: fields.count - 1, by: 2).map { (fields[$0].string ?? "", fields[$0 + 1].string ?? "") }
}

extension JobEvent {
    /// Reads the fields of an entry; nil when it is no such event.
    init?(_ fields: [RedisValue]) {
        guard let event = EventReading(fields).job else { return nil }
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

    init(_ fields: [RedisValue]) {
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            let (name, value) = (fields[index].string ?? "", fields[index + 1])
            if !readNeeded(name, value) { readOther(name, value) }
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

    private mutating func readNeeded(_ name: String, _ value: RedisValue) -> Bool {
        switch name {
        case "type": event.type = value.string ?? ""
        case "id":
            isOfJob = true
            guard let id = value.string.flatMap({ JobID($0) }) else { break }
            (event.id, hasID) = (id, true)
        case "queue": (event.queue, hasQueue) = (value.string ?? "", true)
        case "at":
            guard let at = value.int else { break }
            (event.at, hasMoment) = (Moment(at), true)
        case "attempt":
            guard let attempt = value.int else { break }
            (event.attempt, hasAttempt) = (Int(attempt), true)
        default: return false
        }
        return true
    }

    private mutating func readOther(_ name: String, _ value: RedisValue) {
        switch name {
        case "kind": event.kind = value.text
        case "lane": event.lane = value.string.flatMap(Lane.init)
        case "consumer": event.consumer = value.text
        case "deliveries": event.deliveries = value.int.map { Int($0) }
        case "elapsed": event.elapsed = value.int
        case "due": event.due = value.int.map(Moment.init)
        case "reason": event.reason = value.text
        case "error": event.error = value.text
        case "result": event.result = value.text
        case "name": event.name = value.text
        case "rank": event.rank = value.int.map { Int($0) }
        case "token": event.token = value.text
        case "data": payload = value.bytes
        default: break
        }
    }
}

extension RedisValue {
    fileprivate var text: String? { string.flatMap { $0.isEmpty ? nil : $0 } }
}
