import JobRuntime
import NIOHTTP1
import Testing

@testable import Delivery

@Suite struct VerdictTests {
    private static let fault = Fault(provider: "p", code: 7, what: "it broke", remedy: "Mend it.")
    private static let error = "p 7: it broke. Mend it."

    /// The whole of what verdicts do to jobs.
    @Test(arguments: [
        (
            Verdict.accepted(Receipt(provider: "p", id: "1")), Outcome.succeeded(result: #"{"provider":"p","id":"1"}"#)
        ),
        (.refused(fault), .dead(reason: .permanent, error: error)),
        (.expired(fault), .dead(reason: DeadReason(rawValue: "expired"), error: error)),
        (.throttled(fault, after: .seconds(9)), .retry(error: error, after: .seconds(9))),
        (.throttled(fault, after: nil), .retry(error: error)),
        (.misconfigured(fault), .snooze(for: .seconds(60), reason: error)),
        (.ambiguous(fault), .unknown(error: error)),
        (.transient(fault), .retry(error: error)),
    ])
    func aVerdictDecidesTheOutcome(verdict: Verdict, outcome: Outcome) {
        #expect(Outcome(verdict) == outcome)
    }

    @Test func aReceiptIsJSON() {
        let full = Receipt(provider: "p", id: "a\"\\\u{1}é", segments: 2, status: 204)
        #expect(full.json == #"{"provider":"p","id":"a\"\\\u0001é","segments":2,"status":204}"#)
        #expect(Receipt(provider: "p").json == #"{"provider":"p"}"#)
    }

    @Test func aRequestThatWasNotMadeIsTriedAgainAndOneThatMayHaveBeenIsNot() {
        let vendor = VendorVerdict(vendor: "v")
        let unsent = vendor.verdict(TransportFailure(requestMayHaveArrived: false, reason: "connection refused"))
        let sent = vendor.verdict(TransportFailure(requestMayHaveArrived: true, reason: "no answer"))
        guard case .transient(let before) = unsent, case .ambiguous(let after) = sent else {
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
