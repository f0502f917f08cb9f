import JobRuntime
import Messaging

/// A message to us, as the job of the callback that brought it tells of it.
struct InboundRow: Equatable, Sendable {
    var id: JobID
    var channel: Channel
    var acceptance: Acceptance

    func add(to change: inout MessageChange) {
        change.direction = .inbound
        change.channel = channel
        change.updatedAt = max(change.updatedAt, acceptance.at)
        change.learn(acceptance)
    }
}

extension InboundRow {
    /// Reads the result of a callback's job, `{"news":2,"received":[{…}]}`; see `InboundMessage.result` of Delivery.
    static func all(in event: JobEvent) throws(EventFault) -> [InboundRow] {
        guard event.type == "succeeded", let result = event.result else { return [] }
        let messages: [Received]
        do throws(JSONSyntaxError) {
            messages = try Received.all(in: result)
        } catch {
            throw EventFault("the result of a callback is not JSON: \(error)")
        }
        var rows: [InboundRow] = []
        for message in messages {
            guard let channel = message.members["type"].flatMap(Channel.init), let from = message.members["from"],
                let to = message.members["to"], let vendorID = message.members["id"]
            else { throw EventFault("a message to us without a type, from, to or id") }
            rows.append(
                InboundRow(
                    id: .derived(from: event.id, "\(message.members["provider"] ?? ""):\(vendorID)"), channel: channel,
                    acceptance: Acceptance(
                        at: event.at.milliseconds, sender: from, recipient: to, tenant: message.members["tenant"],
                        content: message.json)))
        }
        return rows
    }
}

/// One element of `received`: its JSON as it stands, and its members that are texts.
private struct Received {
    var json: [UInt8]
    var members: [String: String] = [:]

    static func all(in result: String) throws(JSONSyntaxError) -> [Received] {
        var scanner = JSONScanner(result)
        var all: [Received] = []
        guard try scanner.peek() == .object else { return [] }
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            guard name == "received", try scanner.peek() == .array else {
                try scanner.skipValue()
                continue
            }
            try scanner.beginArray()
            while try scanner.nextElement() { all.append(try Received(&scanner)) }
        }
        try scanner.finish()
        return all
    }

    private init(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        guard try scanner.peek() == .object else { throw scanner.fault("an object was expected") }
        let start = scanner.position
        json = []
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            if try scanner.peek() == .string {
                members[name] = try scanner.string()
            } else {
                try scanner.skipValue()
            }
        }
        json = Array(scanner.bytes[start..<scanner.position])
    }
}
