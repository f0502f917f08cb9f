import JobRuntime
import Messaging

/// What follows from a provider's verdict. Pure.
struct Judgement: Sendable {
    enum Next: Sendable {
        /// The provider has the last word.
        case end(Outcome)
        /// Another provider may take the message.
        case nextRoute(@Sendable (inout Course) -> Void)
    }

    var next: Next
    /// For the provider's breakers.
    var result = Breaker.Result.neither
    var receipt: Receipt?
    var fault: Fault?
    /// Which breaker opens at once.
    var tripped: Fault.Scope?

    /// How long a provider is left alone whose account or settings a person has to put right.
    static let pauseWhenMisconfigured = Duration.seconds(60)
    /// How long after a try that was cut off the provider is asked what became of it.
    static let pauseBeforeAsking = Duration.seconds(3)

    /// - Parameter begun: Unix milliseconds; when the try began.
    init(_ verdict: Verdict, of provider: String, begun: Int64, _ attempt: Attempt) {
        switch verdict {
        case .accepted(let receipt):
            next = .end(.succeeded(result: receipt.json))
            (self.receipt, result) = (receipt, .success)
        case .refused(let fault):
            let hasOptedOut = fault.suppresses == .optedOut
            next = .end(
                hasOptedOut
                    ? .discarded(reason: .suppressed, error: fault.description)
                    : .dead(reason: .permanent, error: fault.description))
            (self.fault, result) = (fault, .success)
        case .expired(let fault):
            // Most often the provider was not even asked, and nothing is known of how it is.
            next = .nextRoute { $0.isTooLate(fault.description) }
            self.fault = fault
        case .throttled(let fault, let after):
            // Never at once, whatever is asked for: a provider that says 0 would be asked without end.
            let wait = max(after ?? .zero, Self.patience(after: attempt.meta.snoozes))
            next =
                attempt.isOver(after: wait)
                ? .nextRoute { $0.isTooLate(fault.description) }
                : .end(.snooze(for: wait, reason: fault.description, memo: ""))
            self.fault = fault
        case .misconfigured(let fault):
            next = .nextRoute { $0.mustWait(Self.pauseWhenMisconfigured, fault.description) }
            (self.fault, tripped) = (fault, fault.scope)
        case .ambiguous(let fault):
            let doubt = Memo.Doubt(provider: provider, since: begun, overAt: attempt.now, countsAsAttempt: true)
            next = .end(
                .snooze(
                    for: Self.pauseBeforeAsking, reason: fault.description, memo: Memo(doubts: [doubt]).jobMemo))
            (self.fault, result) = (fault, .failure)
        case .transient(let fault, let after):
            next = .nextRoute { $0.failed(fault, after: after) }
            // What is wrong with one message says nothing of where it goes.
            (self.fault, result) = (fault, fault.scope == .message ? .neither : .failure)
        }
    }

    /// How long to wait where the provider does not say: a second at first, a minute in the end.
    static func patience(after snoozes: Int) -> Duration { .seconds(1 << min(max(snoozes, 0), 6)) }
}

extension Fault.Scope {
    /// Of a route's breakers, wider ones first, the one that opens; nil: none.
    func breaker(of names: [String]) -> String? {
        switch self {
        case .provider: names.first
        case .sender: names.last
        case .message: nil
        }
    }
}
