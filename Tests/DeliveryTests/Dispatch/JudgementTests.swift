import JobRuntime
import Testing

@testable import Delivery

/// What each verdict says of the destination, to its breakers.
@Suite struct JudgementTests {
    private static let fault = ScriptedProvider.fault()

    @Test(arguments: [
        (Verdict.accepted(Receipt(provider: "one")), Breaker.Result.success), (.refused(fault), .success),
        // The provider was most often not even asked.
        (.expired(fault), .neither), (.throttled(fault, after: nil), .neither), (.misconfigured(fault), .neither),
        (.ambiguous(fault), .failure), (.transient(fault), .failure),
        (.transient(ScriptedProvider.fault(scope: .message)), .neither),
    ])
    func aVerdictCountsForTheBreakers(verdict: Verdict, expected: Breaker.Result) {
        #expect(Judgement(verdict, of: "one", begun: 0, attempt()).result == expected)
    }

    @Test(
        arguments: [
            (Fault.Scope.provider, "one"), (.sender, "one +1"), (.message, nil),
        ] as [(Fault.Scope, String?)])
    func aWrongSettingOpensTheBreakerOfWhatItIsAbout(scope: Fault.Scope, name: String?) {
        let judgement = Judgement(.misconfigured(ScriptedProvider.fault(scope: scope)), of: "one", begun: 0, attempt())
        #expect(judgement.tripped?.breaker(of: ["one", "one +1"]) == name)
    }
}
