import JobRuntime
import NIOHTTP1
import Testing

@testable import Delivery

@Suite struct VerdictTests {
    @Test func aReceiptIsJSON() {
        let full = Receipt(provider: "p", id: "a\"\\\u{1}é", segments: 2, status: 204)
        #expect(full.json == #"{"provider":"p","id":"a\"\\\u0001é","segments":2,"status":204}"#)
        #expect(Receipt(provider: "p").json == #"{"provider":"p"}"#)
    }

    @Test func aRequestThatWasNotMadeIsTriedAgainAndOneThatMayHaveBeenIsNot() {
        let vendor = VendorVerdict(vendor: "v")
        let unsent = vendor.verdict(TransportFailure(requestMayHaveArrived: false, reason: "connection refused"))
        let sent = vendor.verdict(TransportFailure(requestMayHaveArrived: true, reason: "no answer"))
        guard case .transient(let before, after: nil) = unsent, case .ambiguous(let after) = sent else {
            Issue.record("\(unsent), \(sent)")
            return
        }
        #expect(before.description.hasPrefix("v: not sent: connection refused. "))
        #expect(after.description.hasPrefix("v: no answer after the request was written (no answer). "))
    }

    enum Kind { case refused, throttled, misconfigured, ambiguous }

    @Test(arguments: [
        (301, Kind.misconfigured), (302, .misconfigured), (307, .misconfigured), (400, .refused),
        (401, .misconfigured), (403, .misconfigured), (404, .misconfigured), (405, .misconfigured),
        (408, .ambiguous), (413, .refused), (422, .refused), (429, .throttled), (500, .ambiguous), (502, .ambiguous),
        (503, .ambiguous), (504, .ambiguous), (599, .ambiguous),
    ])
    func aStatusAloneDecidesWhereTheVendorHasNoCode(status: Int, kind: Kind) {
        let verdict = VendorVerdict(vendor: "v").verdict(
            HTTPAnswer(status: status, headers: ["retry-after": "4"]), now: 0)
        let found: Kind? =
            switch verdict {
            case .refused: .refused
            case .throttled(_, after: .seconds(4)): .throttled
            case .misconfigured: .misconfigured
            case .ambiguous: .ambiguous
            default: nil
            }
        #expect(found == kind)
    }
}
