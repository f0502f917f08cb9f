import Messaging
import NIOCore
import NIOHTTP1
import Testing

@testable import Delivery

@Suite struct TwilioAnswerTests {
    static let created = """
        {"account_sid":"AC0123456789abcdef0123456789abcdef","api_version":"2010-04-01","body":"Hi",
        "date_created":"Thu, 24 Aug 2023 05:01:45 +0000","date_sent":null,"direction":"outbound-api",
        "error_code":null,"error_message":null,"from":"+15005550006","num_media":"0","num_segments":"3","price":null,
        "sid":"SM0123456789abcdef0123456789abcdef","status":"queued","to":"+15558675309"}
        """

    private func verdict(_ status: Int, _ body: String) -> Verdict {
        TwilioAnswer.verdict(
            .answered(HTTPAnswer(status: status, headers: ["Retry-After": "5"], body: ByteBuffer(string: body))),
            now: 1_700_000_000)
    }

    private func error(_ code: Int, status: Int = 400) -> String {
        #"{"code":\#(code),"message":"The 'To' number +15558675309 is bad","more_info":"https://x","status":\#(status)}"#
    }

    @Test func acceptedWithSidAndSegments() {
        #expect(
            verdict(201, Self.created)
                == .accepted(Receipt(provider: "twilio", id: "SM0123456789abcdef0123456789abcdef", segments: 3)))
    }

    @Test(arguments: ["", "{\"sid\":\"SM01", "null", "{}"])
    func acceptedStaysAcceptedWhenTheAnswerIsCutOff(body: String) {
        #expect(verdict(201, body) == .accepted(Receipt(provider: "twilio")))
    }

    @Test(arguments: [
        #"{"sid":"SM1","body":"cut o"#, #"{"body":"{\"sid\":\"SM2\"}","sid":"SM1"}"#, #"{"s\u0069d":"SM1"}"#,
        #"{"sid":"SM1","media":{"sid":"SM2"},"all":[{"sid":"SM3"}]}"#, #"{"sid":"SM1","body":"\ud83d"}"#,
    ])
    func theSidIsThatOfTheMessage(body: String) {
        #expect(verdict(201, body) == .accepted(Receipt(provider: "twilio", id: "SM1")))
    }

    @Test(arguments: [#"{"sid":"SM1","body":"cut o"#, #"{"sid":5}"#, #"{"media":{"sid":"SM1"}}"#])
    func aSuccessWithoutAWholeAnswerIsInDoubt(body: String) {
        guard case .ambiguous = verdict(200, body) else {
            Issue.record("not in doubt")
            return
        }
    }

    @Test func aSuccessThatIsNotTwiliosIsInDoubt() {
        guard case .ambiguous(let fault) = verdict(200, "<html>Welcome to the hotel</html>") else {
            Issue.record("not in doubt")
            return
        }
        #expect(fault.description.contains("base URL"))
    }

    @Test func segmentsThatAreNoNumberDoNotHideTheSid() {
        #expect(
            verdict(201, #"{"sid":"SM1","num_segments":null}"#) == .accepted(Receipt(provider: "twilio", id: "SM1")))
    }

    @Test(arguments: TwilioCode.table.map(\.code))
    func theCodeDecidesBeforeTheStatus(code: Int) throws {
        let row = try #require(TwilioCode.known[code])
        let expected = row.verdict(
            of: "twilio", HTTPAnswer(status: 400, headers: ["retry-after": "5"]), now: 0)
        for status in [400, 401, 429, 500] {
            #expect(verdict(status, error(code, status: status)) == expected)
        }
    }

    @Test func theShapeOfRFC9457IsReadToo() {
        let body = #"{"type":"https://x","title":"Opted out","status":400,"code":21610,"detail":"+15558675309"}"#
        guard case .refused(let fault) = verdict(400, body) else {
            Issue.record("not refused")
            return
        }
        #expect(fault.code == 21610)
    }

    @Test func anUnknownCodeIsToldAndTheStatusDecides() {
        guard case .refused(let fault) = verdict(400, error(21999)), case .ambiguous = verdict(500, error(21999)),
            case .throttled(_, after: .seconds(5)) = verdict(429, error(21999)),
            case .misconfigured = verdict(401, "<html>")
        else {
            Issue.record("misjudged")
            return
        }
        #expect(fault.description.hasPrefix("twilio 21999: refused the message (HTTP 400). "))
    }

    @Test func noErrorRepeatsTheNumberThatTwilioRepeats() {
        for code in TwilioCode.table.map(\.code) + [21999] {
            let text = "\(verdict(400, error(code)))"
            #expect(!text.contains("5558675309"))
        }
    }
}
