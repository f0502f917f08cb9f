import Messaging
import NIOCore
import NIOHTTP1
import Testing

@testable import Delivery

@Suite struct VonageAnswerTests {
    private func answer(_ body: String, status: Int = 200) -> VonageAnswer {
        VonageAnswer(
            .answered(HTTPAnswer(status: status, headers: ["Retry-After": "5"], body: ByteBuffer(string: body))),
            now: 1_700_000_000)
    }

    /// An answer with these parts, as Vonage writes them.
    static func body(_ statuses: [String]) -> String {
        let parts = statuses.enumerated().map { index, status in
            status == "0"
                ? """
                {"to":"15558675309","message-id":"0C000000217B7F0\(index)","status":"0",\
                "remaining-balance":"15.53590000","message-price":"0.03330000","network":"23410"}
                """
                : #"{"to":"15558675309","status":"\#(status)","error-text":"15558675309 is bad"}"#
        }
        return #"{"message-count":"\#(parts.count)","messages":[\#(parts.joined(separator: ","))]}"#
    }

    @Test func acceptedWithIdAndSegments() {
        let one = answer(Self.body(["0"]))
        #expect(one.verdict == .accepted(Receipt(provider: "vonage", id: "0C000000217B7F00", segments: 1)))
        let three = answer(Self.body(["0", "0", "0"]))
        #expect(three.verdict == .accepted(Receipt(provider: "vonage", id: "0C000000217B7F00", segments: 3)))
        #expect(one.faultOfParts == nil && three.faultOfParts == nil)
    }

    @Test(arguments: VonageCode.table.map(\.code)) func aStatusDecides(code: Int) throws {
        let row = try #require(VonageCode.known[code])
        let expected = row.verdict(
            of: "vonage", HTTPAnswer(status: 400, headers: ["retry-after": "5"]), now: 0)
        for status in [200, 400, 401, 429, 500] {
            #expect(answer(Self.body(["\(code)"]), status: status).verdict == expected)
        }
    }

    @Test(arguments: ["17", "18", "21", "28", "999", "-1", "x", ""]) func anUnknownStatusIsInDoubt(status: String) {
        guard case .ambiguous(let fault) = answer(Self.body([status])).verdict else {
            Issue.record("not in doubt")
            return
        }
        #expect(fault.code == Int(status))
        #expect(!"\(fault)".contains("5558675309"))
    }

    @Test(arguments: [["0", "1"], ["1", "0"], ["1", "0", "7"]])
    func onePartThatWasTakenIsAnAcceptance(statuses: [String]) throws {
        let answer = answer(Self.body(statuses))
        guard case .accepted(let receipt) = answer.verdict else {
            Issue.record("\(answer.verdict)")
            return
        }
        #expect(receipt.segments == 1 && receipt.id?.hasPrefix("0C") == true)
        let fault = try #require(answer.faultOfParts)
        #expect(fault.code == 1)
        #expect(fault.what.hasSuffix("(\(statuses.count - 1) of \(statuses.count) parts were not taken)"))
    }

    @Test func amongFailedPartsDoubtWins() {
        guard case .throttled = answer(Self.body(["1", "4"])).verdict,
            case .ambiguous(let fault) = answer(Self.body(["1", "5", "4"])).verdict
        else {
            Issue.record("misjudged")
            return
        }
        #expect(fault.code == 5)
    }

    @Test(arguments: [
        "", "{", "null", "[]", #"{"messages":[]}"#, #"{"messages":{}}"#, "<html>", #"{"messages":[{"status":"0"#,
    ])
    func aSuccessThatIsNotVonagesIsInDoubt(body: String) {
        guard case .ambiguous(let fault) = answer(body).verdict else {
            Issue.record("not in doubt")
            return
        }
        #expect(fault.what == "answered without a message's status (HTTP 200)")
    }

    @Test func withoutPartsTheStatusDecides() {
        guard case .misconfigured = answer("", status: 401).verdict, case .refused = answer("{}", status: 422).verdict,
            case .throttled(_, after: .seconds(5)) = answer("", status: 429).verdict,
            case .ambiguous = answer("<html>", status: 502).verdict
        else {
            Issue.record("misjudged")
            return
        }
    }

    @Test func numbersThatAreNumbersAreRead() {
        let body = #"{"messages":[{"status":0,"message-id":"a b"}]}"#
        #expect(answer(body).verdict == .accepted(Receipt(provider: "vonage", segments: 1)))
    }
}
