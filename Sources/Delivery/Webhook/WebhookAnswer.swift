import Messaging
import NIOHTTP1

/// What an endpoint's answer means. A pure function of it.
enum WebhookAnswer {
    /// Only 2xx is success. 410 says that the endpoint is gone for good. Everything else is tried again: Standard
    /// Webhooks and Svix take any other 4xx for a receiver in mid-deployment rather than for a verdict on the message,
    /// and a redirect, which is never followed, for a mistake its owner can mend. 429, and 503 with a Retry-After, ask
    /// for patience; without one a 503 is a failure like others.
    ///
    /// - Parameter now: Unix seconds.
    static func verdict(_ exchange: Exchange, now: Int64) -> Verdict {
        switch exchange {
        case .failed(let failure):
            .transient(
                fault(
                    failure.requestMayHaveArrived ? "no answer (\(failure.reason))" : "not sent: \(failure.reason)",
                    "It is tried again on schedule; if this goes on, tell the endpoint's owner."))
        case .answered(let answer):
            verdict(answer, now: now)
        }
    }

    private static func verdict(_ answer: HTTPAnswer, now: Int64) -> Verdict {
        let wait = RetryAfter.wait(answer.headers, now: now)
        return switch (answer.status, wait) {
        case (200..<300, _):
            .accepted(Receipt(provider: "webhook", status: answer.status))
        case (300..<400, _):
            .transient(
                fault(
                    "the endpoint answered with a redirect (HTTP \(answer.status)), which is never followed",
                    "Give the endpoint's final address."), after: wait)
        case (410, _):
            .refused(
                Fault(
                    provider: "webhook", what: "the endpoint is gone (HTTP 410)", remedy: "Stop sending to it.",
                    suppresses: .gone))
        case (429, _), (503, .some):
            .throttled(
                fault("the endpoint asks for patience (HTTP \(answer.status))", "It is tried again on schedule."),
                after: wait)
        case (400..<500, _):
            // This endpoint may be wrong, and others of the host well.
            .transient(
                Fault(
                    provider: "webhook", what: "the endpoint answered HTTP \(answer.status)",
                    remedy: "It is tried again on schedule; if this goes on, tell the endpoint's owner.",
                    scope: .message
                ), after: wait)
        default:
            .transient(
                fault(
                    "the endpoint answered HTTP \(answer.status)",
                    "It is tried again on schedule; if this goes on, tell the endpoint's owner."), after: wait)
        }
    }

    private static func fault(_ what: String, _ remedy: String) -> Fault {
        Fault(provider: "webhook", what: what, remedy: remedy)
    }
}
