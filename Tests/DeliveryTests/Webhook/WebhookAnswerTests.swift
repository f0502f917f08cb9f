import NIOHTTP1
import TestSupport
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

    @Test(arguments: [301, 302, 307, 308, 400, 401, 403, 404, 408, 422, 500, 501, 502, 504, 505])
    func everythingElseIsTriedAgainOnSchedule(status: Int) {
        guard case .transient(let fault, after: _) = verdict(status, ["Retry-After": "100"]) else {
            Issue.record("HTTP \(status) is not tried again")
            return
        }
        #expect(fault.what.contains("\(status)"))
    }

    @Test(arguments: [429, 503]) func patienceIsGranted(status: Int) {
        guard case .throttled(_, after: .seconds(100)) = verdict(status, ["Retry-After": "100"]) else {
            Issue.record("Retry-After is not honoured")
            return
        }
    }

    @Test func onlyA429AsksForPatienceWithoutSayingHowLong() {
        guard case .throttled(_, after: nil) = verdict(429), case .throttled = verdict(429, ["Retry-After": "soon"]),
            case .transient = verdict(503), case .transient = verdict(503, ["Retry-After": "soon"])
        else {
            Issue.record("\(verdict(429)), \(verdict(503))")
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

/// What an endpoint can answer, at random.
@Suite struct WebhookAnswerPropertyTests {
    /// Whatever comes: success is 2xx alone, the end 410 alone, and a wait is never longer than a day.
    @Test(arguments: 0..<20) func everyAnswerHasItsVerdict(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        for _ in 0..<500 {
            let status = Int.random(in: -1...1100, using: &random)
            var headers: HTTPHeaders = [:]
            if Bool.random(using: &random) { headers.add(name: "Retry-After", value: retryAfter(&random)) }
            if Bool.random(using: &random) { headers.add(name: "Retry-After", value: retryAfter(&random)) }
            let answer = HTTPAnswer(status: status, headers: headers)
            switch WebhookAnswer.verdict(.answered(answer), now: .random(in: 0...4_000_000_000, using: &random)) {
            case .accepted(let receipt):
                #expect((200..<300).contains(status) && receipt == Receipt(provider: "webhook", status: status))
            case .refused: #expect(status == 410)
            case .throttled(_, let wait):
                #expect(status == 429 || status == 503 && wait != nil)
                if let wait { #expect((.zero...RetryAfter.longest).contains(wait)) }
            case .transient(let fault, let wait):
                if let wait { #expect((.zero...RetryAfter.longest).contains(wait)) }
                #expect(!(200..<300).contains(status) && status != 410 && status != 429)
                #expect(fault.what.contains("HTTP \(status)"))
            case let verdict: Issue.record("\(status): \(verdict)")
            }
        }
    }

    private func retryAfter(_ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: "\(UInt64.random(in: 0...(.max), using: &random) >> UInt64.random(in: 0..<64, using: &random))"
        case 1: "\(Int64.random(in: .min...0, using: &random))"
        case 2:
            "Sun, \(Int.random(in: 0...32, using: &random)) Nov \(Int.random(in: 0...9999, using: &random)) 00:00:0 GMT"
        default: String(decoding: (0..<12).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
        }
    }
}
