import JobRuntime
import Messaging
import Testing

@testable import Operations

@Suite struct SuppressionLineTests {
    private let now = Moment(1_795_275_206_746)

    @Test func theColumnsOfAllLinesStandBelowEachOther() {
        let lines = [
            SuppressionLine(Suppression(address: "+15551234567", kind: .phone, reason: .stop, at: now.milliseconds))
                .text,
            SuppressionLine(Suppression(address: "https://a.example\u{1B}[2J", kind: .webhook, reason: .gone)).text,
            SuppressionLine(Suppression(address: "Ann@Example.com", kind: .email, reason: .unsubscribed)).text,
        ]
        #expect(
            ([SuppressionLine.header()] + lines).joined(separator: "\n") == """
                KIND     REASON        SINCE                     ADDRESS
                phone    stop          2026-11-21T15:33:26.746Z  +15551234567
                webhook  gone          not known                 https://a.example [2J
                email    unsubscribed  not known                 ann@example.com
                """)
    }

    @Test func everyWordFitsItsColumn() {
        for (kind, reason) in zip(Suppression.Kind.allCases + [.phone], Suppression.Reason.allCases) {
            #expect(kind.rawValue.count <= 7 && reason.rawValue.count <= 12)
        }
        #expect(Suppression.Reason.allCases.allSatisfy { $0.rawValue.count <= 12 })
    }

    @Test func inJSONEverythingHasItsName() throws {
        let line = SuppressionLine(
            Suppression(address: "+15551234567", kind: .phone, reason: .stop, at: now.milliseconds))
        #expect(
            try JSONText.line(line)
                == #"{"address":"+15551234567","at":"2026-11-21T15:33:26.746Z","kind":"phone","reason":"stop"}"#)
    }

    @Test func theCauseSaysSinceWhenWhereThatIsKnown() {
        let stop = SuppressionLine(
            Suppression(address: "+15551234567", kind: .phone, reason: .stop, at: now.milliseconds - 60_000))
        #expect(stop.cause(now: now) == "stop, since 2026-11-21T15:32:26.746Z, 1 min ago")
        #expect(
            SuppressionLine(Suppression(address: "+1555", kind: .phone, reason: .manual)).cause(now: now) == "manual")
    }

    @Test(arguments: [
        (SuppressionReport.Change.added, "is on the list: nothing is sent to it"), (.present, "was on the list before"),
        (.removed, "is off the list"), (.absent, "is not on the list"),
    ])
    func whatBecameOfAnAddressIsSaid(change: SuppressionReport.Change, text: String) throws {
        let report = SuppressionReport(.email, "Ann@example.com", change)
        #expect("\(report)" == "the email ann@example.com \(text)")
        #expect(
            try JSONText.line(report)
                == #"{"address":"ann@example.com","change":"\#(change.rawValue)","kind":"email"}"#)
    }
}
