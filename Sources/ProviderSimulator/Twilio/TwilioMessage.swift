import Foundation

/// A Message resource.
struct TwilioMessage: Sendable {
    /// A message as it stands at a time.
    struct Progress: Sendable {
        var status: String
        var errorCode: Int?
        var sent: Date?
        var updated: Date
    }

    let sid: String
    let account: String
    let to: String
    let sender: String?
    let service: String?
    let body: String
    let media: Int
    let segments: Int
    let callback: String?
    let lifecycle: TwilioLifecycle
    let created: Date
    var canceled: Date?

    init(_ draft: TwilioDraft, ending: Aftermath.Ending?, sid: String, account: String, at now: Date) {
        self.sid = sid
        self.account = account
        to = draft.to ?? ""
        sender = draft.from
        service = draft.service
        body = draft.body
        media = draft.media.count
        // "for messages sent via a Messaging Service, num_segments is initially 0" (Twilio's OpenAPI)
        segments = draft.service == nil ? (draft.media.isEmpty ? Segments.count(draft.body) : 1) : 0
        callback = draft.callback
        lifecycle = TwilioLifecycle(
            isScheduled: draft.isScheduled, byService: draft.service != nil, ending: ending)
        created = now
    }

    /// A function of time, so that nothing has to move messages along.
    func progress(at now: Date, deliversAfter: Duration) -> Progress {
        if let canceled { return Progress(status: "canceled", updated: canceled) }
        let total = deliversAfter.seconds
        let index = lifecycle.reached(after: now.timeIntervalSince(created), of: total)
        func date(_ index: Int) -> Date { created.addingTimeInterval(lifecycle.time(of: index, total: total)) }
        let sent = lifecycle.steps[...index].firstIndex { $0.status == "sent" }
        let step = lifecycle.steps[index]
        return Progress(
            status: step.status, errorCode: step.errorCode, sent: sent.map(date), updated: date(index))
    }

    /// The number it is from; nil as long as its Messaging Service has not chosen one.
    func from(_ progress: Progress) -> String? {
        sender ?? (progress.sent == nil ? nil : service.map(SenderPool.number))
    }

    var uri: String { "/2010-04-01/Accounts/\(account)/Messages/\(sid).json" }

    /// The members of the resource, in Twilio's names and types (numbers of segments and media are strings).
    func write(into json: inout JSONText, at now: Date, deliversAfter: Duration) {
        let progress = progress(at: now, deliversAfter: deliversAfter)
        json.member("account_sid", account)
        json.member("api_version", "2010-04-01")
        json.member("body", body)
        json.member("date_created", InternetDate.format(created))
        json.member("date_sent", progress.sent.map(InternetDate.format))
        json.member("date_updated", InternetDate.format(progress.updated))
        json.member("direction", "outbound-api")
        json.member("error_code", progress.errorCode)
        json.member("error_message", progress.errorCode.map { "simulated error \($0)" })
        json.member("from", from(progress))
        json.member("messaging_service_sid", service)
        json.member("num_media", String(media))
        json.member("num_segments", String(segments))
        json.member("price", nil as String?)
        json.member("price_unit", nil as String?)
        json.member("sid", sid)
        json.member("status", progress.status)
        json.object("subresource_uris") {
            $0.member("media", "/2010-04-01/Accounts/\(account)/Messages/\(sid)/Media.json")
        }
        json.member("to", to)
        json.member("uri", uri)
    }
}

/// The numbers of Messaging Services: each has one, always the same.
enum SenderPool {
    static func number(of service: String) -> String {
        // FNV-1a: a Hasher gives another number in each process.
        let hash = service.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "+1555\(1_000_000 + hash % 9_000_000)"
    }
}
