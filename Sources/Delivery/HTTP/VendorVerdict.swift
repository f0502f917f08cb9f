import NIOHTTP1

/// How the answer of a vendor whose POST is not idempotent is judged where the vendor's own codes say nothing.
struct VendorVerdict {
    /// As in ``Fault/provider``.
    let vendor: String

    /// No answer came.
    func verdict(_ failure: TransportFailure) -> Verdict {
        guard failure.requestMayHaveArrived else {
            return .transient(
                Fault(
                    provider: vendor, what: "not sent: \(failure.reason)",
                    remedy: "It is tried again; if this goes on, check the network, DNS and the vendor's status."))
        }
        return .ambiguous(
            Fault(
                provider: vendor, what: "no answer after the request was written (\(failure.reason))",
                remedy: "It may have been sent: look it up at the vendor before sending it again."))
    }

    /// An answer whose status is all there is to go by.
    ///
    /// - Parameters:
    ///   - code: the vendor's code, where it gave one that its table does not know.
    ///   - detail: what else is safe to tell, as a clause.
    ///   - now: Unix seconds.
    func verdict(_ answer: HTTPAnswer, code: Int? = nil, detail: String? = nil, now: Int64) -> Verdict {
        func fault(_ what: String, _ remedy: String, scope: Fault.Scope = .provider) -> Fault {
            Fault(
                provider: vendor, code: code,
                what: "\(what) (HTTP \(answer.status)\(detail.map { ", \($0)" } ?? ""))", remedy: remedy,
                scope: scope)
        }
        return switch answer.status {
        case 300..<400:
            .misconfigured(fault("answered with a redirect", "Check the vendor's base URL in the settings."))
        case 401:
            .misconfigured(fault("refused the credentials", "Check the account and its key."))
        case 403:
            // A sender that is not verified is the message's own, and no reason to send no others.
            .misconfigured(
                fault(
                    "refused the credentials or the sender", "Check the account, its key and its permissions.",
                    scope: .sender))
        case 404, 405:
            .misconfigured(fault("does not know the address", "Check the vendor's base URL and the account's id."))
        case 408:
            .ambiguous(fault("gave up waiting", "Look it up at the vendor before sending it again."))
        case 429:
            .throttled(
                fault("too many requests", "It is tried again later; if this goes on, ask for a higher limit."),
                after: RetryAfter.wait(answer.headers, now: now))
        case 400..<500:
            .refused(fault("refused the message", "Look up the error at the vendor and correct the message."))
        default:
            .ambiguous(
                fault(
                    "failed while handling the message",
                    "It may have been sent: look it up at the vendor before sending it again."))
        }
    }
}
