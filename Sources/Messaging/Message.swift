public import NIOCore

/// A message of any channel: one of the four payloads.
public enum Message: Sendable, Equatable {
    case sms(SMS)
    case mms(MMS)
    case email(Email)
    case webhook(Webhook)

    public var channel: Channel {
        switch self {
        case .sms: .sms
        case .mms: .mms
        case .email: .email
        case .webhook: .webhook
        }
    }
}

extension Message {
    /// The payload's JSON, as its type decodes it: what goes into the queue.
    public func json() -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
        return writer.buffer
    }

    /// Writes the payload's members into an object that the caller began, so that it may have others beside them.
    /// What is nil is left out.
    public func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .sms(let sms):
            Self.writeEnds(of: sms, &writer)
            writer.member("body", sms.body)
            Self.writeOptions(of: sms, &writer)
        case .mms(let mms):
            Self.writeEnds(of: mms, &writer)
            writer.member("body", mms.body)
            writer.member("attachments", mms.attachments)
            Self.writeOptions(of: mms, &writer)
        case .email(let email):
            Self.writeEnds(of: email, &writer)
            writer.member("subject", email.subject)
            writer.member("body", email.body)
            if let html = email.html { writer.member("html", html) }
            if let attachments = email.attachments { Self.write(attachments, &writer) }
            Self.writeOptions(of: email, &writer)
        case .webhook(let webhook):
            Self.writeEnds(of: webhook, &writer)
            writer.member("body", webhook.body)
            Self.writeOptions(of: webhook, &writer)
        }
    }

    private static func writeEnds(of payload: some MessagePayload, _ writer: inout JSONWriter) {
        writer.member("from", payload.from)
        writer.member("to", payload.to)
    }

    private static func write(_ attachments: [Email.Attachment], _ writer: inout JSONWriter) {
        writer.key("attachments")
        writer.beginArray()
        for attachment in attachments {
            writer.beginObject()
            writer.member("filename", attachment.filename)
            writer.member("type", attachment.type)
            writer.member("content", attachment.content)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func writeOptions(of payload: some MessagePayload, _ writer: inout JSONWriter) {
        if let address = payload.statusCallback { writer.member("status_callback", address) }
        if let choice = payload.onAmbiguous { writer.member("on_ambiguous", choice.rawValue) }
        if let metadata = payload.metadata { writer.member("metadata", metadata) }
    }
}
