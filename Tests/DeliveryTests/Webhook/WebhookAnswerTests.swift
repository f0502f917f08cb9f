import NIOHTTP1
import Testing

@testable import Delivery

@Suite struct WebhookAnswerTests {
    private func verdict(_ status: Int, _ headers: HTTPHeaders = [:]) -> Verdict {
        WebhookAnswer.verdict(.answered(HTTPAnswer(status: status, headers: headers)), now: 1_700_000_000)
    }

    @Test(arguments: [200, 201, 202, 204, 299]) func any2xxIsSuccess(status: Int) {
        #expect(verdict(status) == .accepted(Receipt(provider: "webhook", status: status)))
    }

    @Test func goneIsTheEnd() {
        guard case .refused = verdict(410) else {
            Issue.record("410 is tried again")
            return
        }
    }

    @Test(arguments: [301, 302, 307, 308, 400, 401, 403, 404, 408, 422, 500, 501, 505])
    func everythingElseIsTriedAgainOnSchedule(status: Int) {
        guard case .transient(let fault, after: _) = verdict(status, ["Retry-After": "100"]) else {
            Issue.record("HTTP \(status) is not tried again")
            return
        }
        #expect(fault.what.contains("\(status)"))
    }

    @Test(arguments: [429, 502, 503, 504]) func patienceIsGranted(status: Int) {
        guard case .throttled(_, after: .seconds(100)) = verdict(status, ["Retry-After": "100"]),
            case .throttled(_, after: nil) = verdict(status)
        else {
            Issue.record("Retry-After is not honoured")
            return
        }
    }

    @Test(arguments: [true, false]) func noAnswerIsTriedAgain(arrived: Bool) {
        let failure = TransportFailure(requestMayHaveArrived: arrived, reason: "because")
        guard case .transient(let fault, after: _) = WebhookAnswer.verdict(.failed(failure), now: 0) else {
            Issue.record("a webhook is delivered at least once")
            return
        }
        #expect(fault.what == (arrived ? "no answer (because)" : "not sent: because"))
    }
}
