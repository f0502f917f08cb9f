import JobRuntime
import Messaging
import Testing

@testable import Delivery

@Suite struct TwilioCallbackTests {
    static let status = """
        ApiVersion=2010-04-01&MessageStatus=delivered&SmsSid=SM0123456789abcdef0123456789abcdef&SmsStatus=delivered\
        &To=%2B15558675309&From=%2B15005550006&MessageSid=SM0123456789abcdef0123456789abcdef\
        &AccountSid=AC0123456789abcdef0123456789abcdef
        """
    static let inbound = """
        ToCountry=US&MediaContentType0=image%2Fjpeg&SmsMessageSid=MM01&NumMedia=2&SmsSid=MM01&FromCity=&Body=Look+%F0%9F%98%80\
        &SmsStatus=received&To=%2B15005550006&MediaUrl1=https%3A%2F%2Fx.test%2F2&MediaUrl0=https%3A%2F%2Fx.test%2F1\
        &MessageSid=MM01&From=%2B15558675309&NumSegments=2
        """
    private let sid = "SM0123456789abcdef0123456789abcdef"
    private let job = JobID()

    private func read(_ text: String) throws -> CallbackReading {
        try TwilioCallback.reading(FormFields(text), message: job)
    }

    private func read(status: String, error: String? = nil) throws -> StatusNews? {
        let text =
            "MessageSid=\(sid)&MessageStatus=\(status)&To=%2B15558675309" + (error.map { "&ErrorCode=\($0)" } ?? "")
        guard case .status(let news) = try read(text).news.first else { return nil }
        return news
    }

    @Test func aCallbackIsRead() throws {
        let reading = try read(Self.status)
        #expect(reading.problems.isEmpty)
        let news = StatusNews(
            message: job, vendor: .twilio, vendorID: sid, status: .delivered, token: "\(sid):delivered")
        #expect(reading.news == [.status(news)])
    }

    @Test(
        arguments: [
            ("accepted", nil), ("scheduled", nil), ("queued", nil), ("sending", nil), ("sent", .sent),
            ("partially_delivered", .sent), ("delivered", .delivered), ("read", .delivered),
            ("undelivered", .undelivered), ("failed", .undelivered), ("canceled", .undelivered),
        ] as [(String, MessageStatus?)])
    func aStatusMeans(status: String, ours: MessageStatus?) throws {
        let news = try #require(try read(status: status))
        #expect(news.status == ours)
        #expect((news.what == nil) == (ours != .undelivered))
    }

    @Test(arguments: TwilioCode.table.map(\.code)) func aCodeIsExplained(code: Int) throws {
        let news = try #require(try read(status: "undelivered", error: "\(code)"))
        #expect(news.code == code && news.what == TwilioCode.known[code]?.what)
        #expect(news.token == "\(sid):undelivered:\(code)")
        let suppression = Suppression(address: "+15558675309", kind: .phone, reason: .optedOut)
        #expect(news.suppress == (code == 21610 ? suppression : nil))
    }

    @Test func anUnknownCodeIsToldAndAZeroIsNone() throws {
        #expect(try read(status: "failed", error: "39999")?.code == 39999)
        #expect(try read(status: "failed", error: "39999")?.what == "Twilio gives no known reason")
        #expect(try read(status: "delivered", error: "0")?.code == nil)
        #expect(try read(status: "delivered", error: "x")?.token == "\(sid):delivered")
    }

    @Test func aStatusOfTomorrowIsNewsWithoutOne() throws {
        let reading = try read("MessageSid=\(sid)&MessageStatus=teleported")
        #expect(reading.problems == ["the MessageStatus is not known here"])
        guard case .status(let news) = reading.news.first else {
            Issue.record("no news")
            return
        }
        #expect(news.status == nil && news.token == "\(sid):teleported")
    }

    @Test func aMessageToUsIsRead() throws {
        let expected = InboundMessage(
            vendor: .twilio, id: "MM01", from: "+15558675309", to: "+15005550006", body: "Look 😀",
            media: [.init(url: "https://x.test/1", type: "image/jpeg"), .init(url: "https://x.test/2")])
        let reading = try read(Self.inbound)
        #expect(reading.news == [.inbound(expected)] && reading.problems.isEmpty)
        #expect(expected.channel == .mms)
    }

    private func inbound(_ rest: String, from: String = "%2B15558675309") throws -> CallbackReading {
        try read("MessageSid=SM1&SmsStatus=received&From=\(from)&To=%2B15005550006&\(rest)")
    }

    @Test func aStopIsAChangeOfConsent() throws {
        let suppression = Suppression(address: "+15558675309", kind: .phone, reason: .stop)
        let stop = ProviderNews.consent(ConsentNews(change: .suppress(suppression), vendor: .twilio, token: "SM1"))
        for body in ["Body=Stop.", "Body=Arret&OptOutType=STOP"] {
            let news = try inbound(body).news
            #expect(news.count == 2 && news.last == stop)
        }
        let allow = ConsentNews.Change.allow(address: "+15558675309", kind: .phone)
        #expect(
            try inbound("Body=start").news.last
                == .consent(ConsentNews(change: allow, vendor: .twilio, token: "SM1")))
        for body in ["Body=STOP+it", "Body=HELP", "", "Body=Stop&OptOutType=HELP"] {
            #expect(try inbound(body).news.count == 1, "\(body)")
        }
        // Nobody can be sent to there.
        #expect(try inbound("Body=stop", from: "72975").news.count == 1)
    }

    @Test func badMediaDoNotLoseTheMessage() throws {
        let reading = try inbound("Body=a&NumMedia=3&MediaUrl0=nonsense&MediaUrl2=https%3A%2F%2Fx.test%2F")
        #expect(reading.problems == ["MediaUrl0 is not a web address", "MediaUrl1 is not a web address"])
        guard case .inbound(let message) = reading.news.first else {
            Issue.record("no message")
            return
        }
        #expect(message.media == [.init(url: "https://x.test/")])
        #expect(try inbound("NumMedia=9223372036854775807").problems.count == 11)
        #expect(try inbound("NumMedia=-1").problems.isEmpty)
    }

    @Test(arguments: [
        "", "MessageStatus=sent", "MessageSid=&MessageStatus=sent", "MessageSid=a+b&MessageStatus=sent",
        "MessageSid=SM1",
        "MessageSid=SM1&From=%2B1555", "MessageSid=SM1&To=%2B1555&From=",
        "MessageSid=\(String(repeating: "x", count: 129))&MessageStatus=sent",
    ])
    func whatTwilioDoesNotSendIsRefused(text: String) {
        #expect(throws: CallbackError.self) { try read(text) }
    }
}
