import FoundationEssentials
import JobRuntime
import Messaging
import NIOCore
import NIOHTTP1
import Testing

@testable import Delivery

/// Whether Twilio has a message, as its list says.
@Suite(.timeLimit(.minutes(5))) struct TwilioQueryTests {
    /// Fri, 24 May 2019 17:18:27 UTC.
    private static let moment: Int64 = 1_558_718_307_000

    private struct Item {
        var sid = "SM1"
        var to: String? = sms.to
        var from: String? = sms.from
        var service: String?
        var body: String? = sms.body
        var media: String? = "0"
        var date: String? = "Fri, 24 May 2019 17:18:27 +0000"

        var json: String {
            func text(_ value: String?) -> String { value.map(MessageEvent.quoted) ?? "null" }
            return """
                {"sid":\(text(sid)),"to":\(text(to)),"from":\(text(from)),"messaging_service_sid":\(text(service)),\
                "body":\(text(body)),"num_media":\(text(media)),"num_segments":"1","date_created":\(text(date)),\
                "date_sent":null,"status":"queued","error_code":null}
                """
        }
    }

    private func finding(_ items: [Item], of message: SMS = sms, since: Int64 = moment, status: Int = 200) -> Finding {
        let json = #"{"messages":[\#(items.map(\.json).joined(separator: ","))],"next_page_uri":null}"#
        return TwilioQuery(message, since: since).finding(
            in: .answered(HTTPAnswer(status: status, body: ByteBuffer(string: json))))
    }

    private func changed(_ change: (inout Item) -> Void) -> Item {
        var item = Item()
        change(&item)
        return item
    }

    private static let one = receipt("SM1")

    private static func receipt(_ id: String) -> Delivery.Receipt {
        var receipt = Delivery.Receipt(provider: "twilio", id: id, segments: 1)
        receipt.at = moment
        return receipt
    }

    @Test func theSameRecipientSenderTextAndTimeAreTheMessage() {
        #expect(finding([Item()]) == .found([Self.one]))
        #expect(finding([changed { $0.body = " \(sms.body)\n" }]) == .found([Self.one]), "blanks at the ends may go")
        for other in [
            changed { $0.to = "+15550000000" }, changed { $0.from = "+15550000000" }, changed { $0.from = nil },
            changed { $0.body = "another" }, changed { $0.body = nil }, changed { $0.media = "1" },
            changed { $0.date = "Fri, 24 May 2019 17:18:26 +0000" }, changed { $0.date = nil },
            changed { $0.date = "yesterday" },
        ] {
            #expect(finding([other]) == .found([]))
        }
    }

    @Test func theOldestComesFirst() {
        #expect(
            finding([changed { $0.sid = "SM2" }, Item()])
                == .found([Self.one, Self.receipt("SM2")]))
    }

    @Test func aMessagingServiceIsTheSender() {
        var message = sms
        message.from = "MG0123456789abcdef0123456789abcdef"
        let service = changed { item in
            item.from = nil
            item.service = message.from
        }
        #expect(finding([service], of: message) == .found([Self.one]))
        #expect(!TwilioQuery(message, since: 0).text.contains("From="))
    }

    @Test func theQueryIsForTheEndsOfTheMessage() {
        #expect(
            TwilioQuery(sms, since: Self.moment).text
                == "To=%2B15558675309&From=%2B15005550006&PageSize=200")
    }

    @Test func whatIsNoAnswerIsAskedAgain() {
        let failures: [Finding] = [
            finding([], status: 500), finding([], status: 401),
            TwilioQuery(sms, since: 0).finding(
                in: .answered(HTTPAnswer(status: 200, body: ByteBuffer(string: "{\"messages\":[{")))),
            TwilioQuery(sms, since: 0).finding(
                in: .failed(TransportFailure(requestMayHaveArrived: true, reason: "connection refused"))),
            // More than a page: the message may be on the next one.
            finding((0..<200).map { number in changed { $0.sid = "SM\(number)" } }),
        ]
        for finding in failures {
            guard case .unavailable = finding else {
                Issue.record("\(finding)")
                continue
            }
        }
        // A full page of earlier ones is the whole story.
        #expect(finding((0..<200).map { _ in Item() }, since: Self.moment + 1000) == .found([]))
    }

    @Test func theProviderAsksOverHTTP() async throws {
        let body = #"{"messages":[\#(Item().json)]}"#
        try await TestServer.with({ _ in .answer(.ok, [:], body) }) { server in
            try await withHTTP { http in
                let provider = try TwilioProvider<SMS>(
                    http: http,
                    settings: TwilioSettings(
                        accountSID: accountSID, authToken: Secret(authToken), baseURL: server.base))
                #expect(await provider.find(sms, since: Self.moment) == .found([Self.one]))
                let request = try #require(server.received.first)
                #expect(request.method == .GET && request.body.readableBytes == 0)
                #expect(
                    request.uri == """
                        /2010-04-01/Accounts/\(accountSID)/Messages.json\
                        ?To=%2B15558675309&From=%2B15005550006&PageSize=200
                        """)
                #expect(request.headers["authorization"].count == 1)
            }
        }
    }

    @Test func aMessageSaysWhenItIsOfNoUseAndWhereToTellWhatBecameOfIt() async throws {
        try await TestServer.with({ _ in .answer(.created, [:], TwilioAnswerTests.created) }) { server in
            try await withHTTP { http in
                let provider = try TwilioProvider<SMS>(
                    http: http,
                    settings: TwilioSettings(
                        accountSID: accountSID, authToken: Secret(authToken), baseURL: server.base,
                        publicURL: "https://msg.test/"))
                let plain = attempt()
                func expiring(in seconds: Int64) -> Attempt {
                    Attempt(
                        job: plain.job, kind: SMS.kind, queue: plain.queue, number: 1, deliveries: 1, enqueuedAt: 0,
                        startedAt: 1_000_000, meta: JobMeta(expiresAt: 1_000_000 + seconds * 1000),
                        consumer: "host-1-a", logger: plain.logger)
                }
                for (seconds, validity) in [(60, 49...50), (100_000, 36_000...36_000), (4, 1...2)] {
                    _ = await provider.send(sms, attempt: expiring(in: Int64(seconds)))
                    let form = try FormFields(try #require(server.received.last).text)
                    #expect(form["StatusCallback"] == "https://msg.test/api/v1/webhooks/twilio/status/\(plain.job)")
                    #expect(validity.contains(try #require(form["ValidityPeriod"].flatMap { Int($0) })))
                }
                let count = server.received.count
                guard case .expired = await provider.send(sms, attempt: expiring(in: 0)) else {
                    Issue.record("sent too late")
                    return
                }
                #expect(server.received.count == count)
                var pooled = sms
                pooled.from = "MG0123456789abcdef0123456789abcdef"
                _ = await provider.send(pooled, attempt: plain)
                let form = try FormFields(try #require(server.received.last).text)
                #expect(form["MessagingServiceSid"] == pooled.from && form["From"] == nil)
                #expect(form["ValidityPeriod"] == nil)
            }
        }
    }
}
