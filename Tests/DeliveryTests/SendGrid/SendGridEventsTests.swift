import JobRuntime
import Messaging
import Testing

@testable import Delivery

@Suite struct SendGridEventsTests {
    static let vector = """
        [{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",\
        "sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",\
        "sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",\
        "smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]
        """
    private let job = JobID()
    private let suppression = { Suppression(address: "ann@example.org", kind: .email, reason: $0) }

    /// One event, with the members of `more`.
    private func event(_ event: String, id: String = "e1", _ more: String = "") -> String {
        """
        {"email":"ann@example.org","timestamp":1600112492,"event":"\(event)","sg_event_id":"\(id)",\
        "sg_message_id":"m1.recv-1","message_id":"\(job)","category":["a"],"attempt":"5","response":"250 OK"\(more)}
        """
    }

    private func read(_ text: String, message: JobID? = nil) throws -> CallbackReading {
        try SendGridEvents.reading(text, message: message)
    }

    @Test func anEventIsRead() throws {
        let reading = try read(Self.vector, message: job)
        let news = StatusNews(
            message: job, vendor: .sendgrid, vendorID: "LRzXl_NHStOGhQ4kofSm_A", status: .undelivered,
            what: "SendGrid dropped the mail without sending it", at: 1_600_112_492_000,
            token: "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
            suppress: Suppression(address: "hello@world.com", kind: .email, reason: .dropped))
        #expect(reading.news == [.status(news)] && reading.problems.isEmpty)
    }

    @Test(
        arguments: [
            ("processed", "", nil, nil), ("deferred", "", nil, nil), ("delivered", "", .delivered, nil),
            ("open", "", .delivered, nil), ("click", "", .delivered, nil), ("spamreport", "", .delivered, .spamReport),
            ("bounce", #","type":"bounce","status":"5.1.1""#, .undelivered, .hardBounce),
            ("bounce", #","type":"blocked""#, .undelivered, nil), ("bounce", "", .undelivered, nil),
            ("dropped", "", .undelivered, .dropped), ("dropped", #","reason":"Invalid""#, .undelivered, .dropped),
            ("dropped", #","reason":"Spam Content""#, .undelivered, nil),
            ("dropped", #","reason":"Recipient List over Package Quota""#, .undelivered, nil),
            ("dropped", #","reason":"Invalid SMTPAPI header""#, .undelivered, nil),
        ] as [(String, String, MessageStatus?, Suppression.Reason?)])
    func anEventMeans(name: String, more: String, status: MessageStatus?, reason: Suppression.Reason?) throws {
        guard case .status(let news) = try read("[\(event(name, more))]").news.first else {
            Issue.record("no news")
            return
        }
        #expect(news.status == status && news.suppress == reason.map(suppression))
        #expect(news.message == job && news.vendorID == "m1" && news.token == "e1" && news.at == 1_600_112_492_000)
        #expect((news.what == nil) == (status != .undelivered))
    }

    @Test(arguments: [
        ("unsubscribe", true), ("group_unsubscribe", true), ("group_resubscribe", false),
    ])
    func consentChanges(name: String, stops: Bool) throws {
        let change: ConsentNews.Change =
            stops ? .suppress(suppression(.unsubscribed)) : .allow(address: "ann@example.org", kind: .email)
        let news = ConsentNews(change: change, message: job, vendor: .sendgrid, at: 1_600_112_492_000, token: "e1")
        #expect(try read("[\(event(name))]").news == [.consent(news)])
    }

    /// The server's own words may repeat the address.
    @Test func onlyACodeIsRepeated() throws {
        func what(_ status: String) throws -> String? {
            let more = #","type":"bounce","reason":"550 ann@example.org unknown","status":"\#(status)""#
            guard case .status(let news) = try read("[\(event("bounce", more))]").news.first else { return nil }
            return news.what
        }
        #expect(try what("5.1.1") == "the recipient's server bounced the mail (5.1.1)")
        for status in ["ann@example.org", "550 5.1.1", "5.1", "", "1.1.1.1", "555.5555.55"] {
            #expect(try what(status) == "the recipient's server bounced the mail", "\(status)")
        }
    }

    @Test func oneBadElementDoesNotLoseTheOthers() throws {
        let text = """
            [{}, \(event("delivered", id: "a")), null, 7, "x", [], {"event":"open"}, \(event("teleported", id: "b")),
            \(event("unsubscribe", id: "c").replacing("ann@example.org", with: "")), \(event("open", id: "d"))]
            """
        let reading = try read(text)
        #expect(reading.news.count == 2)
        #expect(reading.problems.count == 8)
        #expect(reading.problems.first == "element 0 has no event, sg_event_id or sg_message_id")
        #expect(reading.problems.last?.hasPrefix("element 8 is of a kind") == true)
    }

    @Test func anEventThatRepeatsIsOne() throws {
        #expect(try read("[\(event("open")),\(event("open")),\(event("open", id: "e2"))]").news.count == 2)
    }

    @Test func oddMembersDoNotLoseTheEvent() throws {
        for timestamp in ["1e300", "\"soon\"", "9223372036854775807", "-9223372036854775808", "null", "1.5"] {
            let text = "[\(event("delivered").replacing("1600112492", with: timestamp))]"
            guard case .status(let news) = try read(text).news.first else {
                Issue.record("no news: \(timestamp)")
                return
            }
            #expect(news.at == nil && news.status == .delivered)
        }
        let foreign = event("delivered").replacing(job.description, with: "theirs")
        guard case .status(let news) = try read("[\(foreign)]").news.first else {
            Issue.record("no news")
            return
        }
        #expect(news.message == nil)
    }

    @Test(arguments: ["", "{}", "null", "[", "[1,", "\"x\"", String(repeating: "[", count: 100_000)])
    func whatIsNoArrayIsRefused(text: String) {
        #expect(throws: CallbackError.self) { try read(text) }
    }

    @Test func theSizeIsBounded() throws {
        func text(_ count: Int) -> String { "[" + Array(repeating: "0", count: count).joined(separator: ",") + "]" }
        #expect(try read(text(20_000)).problems.count == 20_000)
        #expect(throws: CallbackError.self) { try read(text(20_001)) }
        #expect(throws: CallbackError.self) {
            try read("[\"" + String(repeating: "x", count: SendGridEvents.longestBody) + "\"]")
        }
    }
}
