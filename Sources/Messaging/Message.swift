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
            Self.writeEnds(from: sms.from, to: sms.to, &writer)
            writer.member("body", sms.body)
            Self.write(sms.metadata, &writer)
        case .mms(let mms):
            Self.writeEnds(from: mms.from, to: mms.to, &writer)
            writer.member("body", mms.body)
            writer.member("attachments", mms.attachments)
            Self.write(mms.metadata, &writer)
        case .email(let email):
            Self.writeEnds(from: email.from, to: email.to, &writer)
            writer.member("subject", email.subject)
            writer.member("body", email.body)
            if let html = email.html {
                writer.member("html", html)
            }
            Self.write(email.metadata, &writer)
        case .webhook(let webhook):
            Self.writeEnds(from: webhook.from, to: webhook.to, &writer)
            writer.member("body", webhook.body)
            Self.write(webhook.metadata, &writer)
        }
    }

    private static func writeEnds(from: String, to: String, _ writer: inout JSONWriter) {
        writer.member("from", from)
        writer.member("to", to)
    }

    private static func write(_ metadata: [String: String]?, _ writer: inout JSONWriter) {
        if let metadata {
            writer.member("metadata", metadata)
        }
    }
}
