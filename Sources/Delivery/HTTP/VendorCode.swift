import Messaging

/// One of a vendor's error codes and what follows from it: a row of the vendor's table.
struct VendorCode: Sendable {
    /// What a code says about the message, whether it answers a request or comes with a callback.
    enum Meaning: Sendable {
        /// This recipient cannot be reached by this message, ever.
        case recipient
        /// The recipient does not want messages of this sender.
        case optedOut
        /// This content, or what stands beside it in the request, cannot be sent, ever.
        case content
        /// The account, the sender or a registration is wrong: the same for every message until a person acts.
        case configuration
        /// Too much at once; not sent.
        case throttled
        /// It may have been sent.
        case ambiguous
        /// Not sent, or not delivered, for a reason that may pass.
        case soft
        /// Its validity period ended first.
        case expired
    }

    let code: Int
    let meaning: Meaning
    /// Of a configuration: as in ``Fault/scope``.
    let scope: Fault.Scope
    /// As in ``Fault/what`` and ``Fault/remedy``.
    let what: String
    let remedy: String

    init(_ code: Int, _ meaning: Meaning, _ what: String, _ remedy: String, scope: Fault.Scope = .provider) {
        self.code = code
        self.meaning = meaning
        self.scope = scope
        self.what = what
        self.remedy = remedy
    }

    func fault(of vendor: String) -> Fault {
        Fault(
            provider: vendor, code: code, what: what, remedy: remedy, scope: scope,
            suppresses: meaning == .optedOut ? .optedOut : nil)
    }

    /// What the code means as the answer to a request.
    ///
    /// - Parameter now: Unix seconds.
    func verdict(of vendor: String, _ answer: HTTPAnswer, now: Int64) -> Verdict {
        let fault = fault(of: vendor)
        return switch meaning {
        case .recipient, .optedOut, .content: .refused(fault)
        case .configuration: .misconfigured(fault)
        case .throttled: .throttled(fault, after: RetryAfter.wait(answer.headers, now: now))
        case .ambiguous: .ambiguous(fault)
        case .soft: .transient(fault)
        case .expired: .expired(fault)
        }
    }
}
