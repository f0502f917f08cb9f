import Messaging
import NIOHTTP1
import Testing

@testable import Delivery

/// What follows from a row of a vendor's table of codes.
@Suite struct VendorCodeTests {
    @Test(arguments: [
        VendorCode.Meaning.recipient, .optedOut, .content, .configuration, .throttled, .ambiguous, .soft, .expired,
    ])
    func theMeaningDecides(meaning: VendorCode.Meaning) {
        let row = VendorCode(7, meaning, "it broke", "Mend it.", scope: .sender)
        let fault = Fault(
            provider: "v", code: 7, what: "it broke", remedy: "Mend it.", scope: .sender,
            suppresses: meaning == .optedOut ? .optedOut : nil)
        let expected: Verdict =
            switch meaning {
            case .recipient, .optedOut, .content: .refused(fault)
            case .configuration: .misconfigured(fault)
            case .throttled: .throttled(fault, after: .seconds(5))
            case .ambiguous: .ambiguous(fault)
            case .soft: .transient(fault)
            case .expired: .expired(fault)
            }
        #expect(row.verdict(of: "v", HTTPAnswer(status: 400, headers: ["retry-after": "5"]), now: 0) == expected)
    }
}
