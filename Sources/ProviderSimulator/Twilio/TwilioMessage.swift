import Foundation

/// A Message resource.
struct TwilioMessage: Sendable {
    let sid: String
    let account: String
    let to: String
    let from: String?
    let service: String?
    let body: String
    let media: Int
    let segments: Int
    let isScheduled: Bool
    let created: Date
    var canceled: Date?

    init(_ draft: TwilioDraft, sid: String, account: String, at now: Date) {
        self.sid = sid
        self.account = account
        to = draft.to ?? ""
        from = draft.from
        service = draft.service
        body = draft.body
        media = draft.media.count
        // "for messages sent via a Messaging Service, num_segments is initially 0" (Twilio's OpenAPI)
        segments = draft.service == nil ? (draft.media.isEmpty ? Segments.count(draft.body) : 1) : 0
        isScheduled = draft.isScheduled
        created = now
    }

    /// Status and sending time: a function of time, so that nothing has to move messages along.
    func progress(at now: Date, deliversAfter: Duration) -> (status: String, sent: Date?) {
        if canceled != nil { return ("canceled", nil) }
        if isScheduled { return ("scheduled", nil) }
        let delivered = created.addingTimeInterval(Double(deliversAfter.milliseconds) / 1000)
        if now >= delivered && now > created { return ("delivered", delivered) }
        return (service == nil ? "queued" : "accepted", nil)
    }

    var uri: String { "/2010-04-01/Accounts/\(account)/Messages/\(sid).json" }

    /// The members of the resource, in Twilio's names and types (numbers of segments and media are strings).
    func write(into json: inout JSONText, at now: Date, deliversAfter: Duration) {
        let (status, sent) = progress(at: now, deliversAfter: deliversAfter)
        json.member("account_sid", account)
        json.member("api_version", "2010-04-01")
        json.member("body", body)
        json.member("date_created", InternetDate.format(created))
        json.member("date_sent", sent.map(InternetDate.format))
        json.member("date_updated", InternetDate.format(canceled ?? sent ?? created))
        json.member("direction", "outbound-api")
        json.member("error_code", nil as Int?)
        json.member("error_message", nil as String?)
        json.member("from", from)
        json.member("messaging_service_sid", service)
        json.member("num_media", String(media))
        json.member("num_segments", String(segments))
        json.member("price", nil as String?)
        json.member("price_unit", nil as String?)
        json.member("sid", sid)
        json.member("status", status)
        json.object("subresource_uris") {
            $0.member("media", "/2010-04-01/Accounts/\(account)/Messages/\(sid)/Media.json")
        }
        json.member("to", to)
        json.member("uri", uri)
    }
}
