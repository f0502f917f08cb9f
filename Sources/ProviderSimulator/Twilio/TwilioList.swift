import Foundation
import NIOCore

/// What a list request asks for: `To`, `From`, `DateSent` (also `DateSent<` and `DateSent>`, both inclusive, a day or a
/// time), `PageSize` (50, at most 1000), `Page` and `PageToken`.
struct TwilioListQuery: Sendable {
    let account: String
    let form: Form
    let pageSize: Int
    let page: Int
    /// The number of the newest message when page 0 was read, so that new ones do not shift the pages.
    let anchor: Int?

    init(_ form: Form, account: String) {
        self.account = account
        self.form = form
        pageSize = min(max(form["PageSize"].flatMap { Int($0) } ?? 50, 1), 1000)
        page = max(form["Page"].flatMap { Int($0) } ?? 0, 0)
        anchor = form["PageToken"].flatMap { TwilioMessageStore.sequence(String($0.dropFirst(2))) }
    }

    /// - Parameter listsAfter: how old a message is before a list shows it.
    func page(
        of messages: [TwilioMessage], at now: Date, deliversAfter: Duration, listsAfter: Duration
    ) -> TwilioPage {
        let dates = TwilioDateFilter(form)
        let shown = now.addingTimeInterval(-listsAfter.seconds)
        let matching = messages.lazy.filter { message in
            guard message.account == account, message.created <= shown else { return false }
            if let anchor, let sequence = TwilioMessageStore.sequence(message.sid), sequence > anchor { return false }
            if let to = form["To"], message.to != to { return false }
            let progress = message.progress(at: now, deliversAfter: deliversAfter)
            if let from = form["From"], message.from(progress) != from { return false }
            // A message not sent yet is found by its creation: who looks for a lost answer looks for just these.
            return dates.contains(progress.sent ?? message.created)
        }
        // One more than fits shows whether there is a next page.
        let found = Array(matching.dropFirst(page * pageSize).prefix(pageSize + 1))
        return TwilioPage(
            query: self, now: now, newest: messages.first?.sid, messages: Array(found.prefix(pageSize)),
            hasNext: found.count > pageSize)
    }

    func uri(page: Int, token: String?) -> String {
        var parts = form.fields.filter { !["Page", "PageSize", "PageToken"].contains($0.key) && !$0.value.isEmpty }
        parts += [("PageSize", String(pageSize)), ("Page", String(page))]
        if let token { parts.append(("PageToken", token)) }
        let query = parts.map { "\(Form.escape($0.key))=\(Form.escape($0.value))" }.joined(separator: "&")
        return "/2010-04-01/Accounts/\(account)/Messages.json?\(query)"
    }
}

/// One page of a list, newest message first.
struct TwilioPage: Sendable {
    let query: TwilioListQuery
    let now: Date
    let newest: String?
    let messages: [TwilioMessage]
    let hasNext: Bool

    func json(deliversAfter: Duration) -> ByteBuffer {
        let token = query.form["PageToken"] ?? newest.map { "PA\($0)" }
        let start = query.page * query.pageSize
        return JSONText.object { json in
            json.member("end", max(start, start + messages.count - 1))
            json.member("first_page_uri", query.uri(page: 0, token: nil))
            json.array("messages") { json in
                for message in messages {
                    json.object { message.write(into: &$0, at: now, deliversAfter: deliversAfter) }
                }
            }
            json.member("next_page_uri", hasNext ? query.uri(page: query.page + 1, token: token) : nil)
            json.member("page", query.page)
            json.member("page_size", query.pageSize)
            json.member(
                "previous_page_uri", query.page > 0 ? query.uri(page: query.page - 1, token: token) : nil)
            json.member("start", start)
            json.member("uri", query.uri(page: query.page, token: query.form["PageToken"]))
        }
    }
}

/// A range of sending times. Both ends belong to it; a day as its end means the whole day.
struct TwilioDateFilter: Sendable {
    private var from: Date?
    private var until: Date?

    init(_ form: Form) {
        if let on = form["DateSent"], let start = Self.parse(on) {
            from = start
            until = Self.end(on, start)
        }
        if let after = form["DateSent>"] { from = Self.parse(after) }
        if let before = form["DateSent<"], let start = Self.parse(before) { until = Self.end(before, start) }
    }

    /// To the second, as Twilio's dates are.
    func contains(_ date: Date) -> Bool {
        let second = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        if let from, second < from { return false }
        if let until, second > until { return false }
        return true
    }

    private static func parse(_ text: String) -> Date? {
        try? Date(text.count == 10 ? text + "T00:00:00Z" : text, strategy: .iso8601)
    }

    private static func end(_ text: String, _ start: Date) -> Date {
        text.count == 10 ? start.addingTimeInterval(86_399) : start
    }
}
