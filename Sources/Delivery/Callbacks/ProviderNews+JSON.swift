import Messaging
import NIOCore

extension StatusNews {
    /// What the job's record and the customer's webhook show of it, with the members of ``Receipt/json``.
    var json: String {
        var document = JSONWriter(capacity: 128)
        document.beginObject()
        document.member("provider", vendor.rawValue)
        document.member("id", vendorID)
        if let code { document.member("code", code) }
        if let what { document.member("error", what) }
        if let at { document.member("at", time: at) }
        document.endObject()
        return String(buffer: document.buffer)
    }
}

extension InboundMessage {
    /// The result of a callback's job, by which the ledger learns of messages to us: `{"news":2,"received":[…]}`.
    static func result(_ messages: [InboundMessage], news: Int) -> String {
        var document = JSONWriter()
        document.beginObject()
        document.member("news", news)
        if !messages.isEmpty {
            document.key("received")
            document.beginArray()
            for message in messages { message.write(to: &document) }
            document.endArray()
        }
        document.endObject()
        return String(buffer: document.buffer)
    }

    /// The body of a `message.received` webhook.
    ///
    /// - Parameter moment: Unix milliseconds.
    func document(at moment: Int64) -> String {
        var document = JSONWriter()
        document.beginObject()
        document.member("type", "message.received")
        document.member("timestamp", time: moment)
        document.key("data")
        write(to: &document)
        document.endObject()
        return String(buffer: document.buffer)
    }

    private func write(to document: inout JSONWriter) {
        document.beginObject()
        document.member("provider", vendor.rawValue)
        document.member("id", id)
        document.member("type", channel.rawValue)
        document.member("from", from)
        document.member("to", to)
        if let tenant { document.member("tenant", tenant) }
        document.member("body", body)
        if !media.isEmpty {
            document.key("media")
            document.beginArray()
            for item in media {
                document.beginObject()
                document.member("url", item.url)
                if let type = item.type { document.member("type", type) }
                document.endObject()
            }
            document.endArray()
        }
        if let keyword { document.member("keyword", keyword.rawValue) }
        if let part {
            document.key("part")
            document.beginObject()
            document.member("reference", part.reference)
            document.member("number", part.number)
            document.member("total", part.total)
            document.endObject()
        }
        document.endObject()
    }
}
