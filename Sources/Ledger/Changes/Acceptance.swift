import JobRuntime
import Messaging
import NIOCore

/// What the ledger learns of a message when it is accepted.
struct Acceptance: Equatable, Sendable {
    /// Unix milliseconds.
    var at: Int64
    var sender: String
    var recipient: String
    /// Whose it is, where several share an installation.
    var tenant: String?
    /// The payload's JSON, without the contents of files.
    var content: [UInt8]
    /// The payload's JSON with them; nil where there are none.
    var whole: [UInt8]?
    /// nil: normal.
    var priority: Lane?
    /// When it is due, Unix milliseconds, where that is later.
    var scheduledAt: Int64?
}

extension Acceptance {
    /// - Throws: when the payload is no message's.
    init(
        payload: ByteBuffer, at: Int64, priority: Lane? = nil, scheduledAt: Int64? = nil
    ) throws(EventFault) {
        let reading: PayloadReading
        do throws(JSONSyntaxError) {
            reading = try PayloadReading(payload)
        } catch {
            throw EventFault("its payload is not JSON: \(error)")
        }
        guard let sender = reading.sender, let recipient = reading.recipient else {
            throw EventFault("its payload has no from or no to")
        }
        self.init(
            at: at, sender: sender, recipient: recipient, tenant: reading.tenant, content: reading.content,
            whole: reading.whole, priority: priority == .normal ? nil : priority, scheduledAt: scheduledAt)
    }
}

/// The payload of a message, read in one pass.
private struct PayloadReading {
    var sender: String?
    var recipient: String?
    var tenant: String?
    var content: [UInt8]
    var whole: [UInt8]?

    init(_ payload: ByteBuffer) throws(JSONSyntaxError) {
        var scanner = JSONScanner(payload)
        var cuts: [FileContent] = []
        guard try scanner.peek() == .object else { throw scanner.fault("an object was expected") }
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            switch (name, try scanner.peek()) {
            case ("from", .string): sender = try scanner.string()
            case ("to", .string): recipient = try scanner.string()
            case ("tenant", .string): tenant = try scanner.string()
            case ("attachments", .array): try Self.readAttachments(&scanner, &cuts)
            default: try scanner.skipValue()
            }
        }
        try scanner.finish()
        content = scanner.bytes
        if !cuts.isEmpty { whole = content }
        // From the back, so that the places of the others stand.
        for cut in cuts.reversed() { content.replaceSubrange(cut.range, with: cut.size.utf8) }
    }

    /// Where the content of a file stands, name and all, and what is kept of it.
    private struct FileContent {
        var range: Range<Int>
        var size: String
    }

    private static func readAttachments(
        _ scanner: inout JSONScanner, _ cuts: inout [FileContent]
    ) throws(JSONSyntaxError) {
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard try scanner.peek() == .object else {
                try scanner.skipValue()
                continue
            }
            try scanner.beginObject()
            while let member = try scanner.nextMember() {
                guard member.name == "content", try scanner.peek() == .string else {
                    try scanner.skipValue()
                    continue
                }
                let base64 = try scanner.string().utf8
                let size = base64.count / 4 * 3 - base64.suffix(2).count { $0 == UInt8(ascii: "=") }
                cuts.append(FileContent(range: member.start..<scanner.position, size: "\"size\":\(max(0, size))"))
            }
        }
    }
}
