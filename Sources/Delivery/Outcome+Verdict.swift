public import JobRuntime

extension DeadReason {
    /// The message's time had passed before anybody took it.
    public static let expiredMessage = DeadReason(rawValue: "expired")
}

extension Outcome {
    /// How long a job rests after its provider's account or settings were found wrong: a person has to act first, and
    /// no attempt is spent on that. A breaker replaces this.
    static let pauseWhenMisconfigured = Duration.seconds(60)

    /// The one place where what came of a try decides what becomes of the job.
    public init(_ verdict: Verdict) {
        self =
            switch verdict {
            case .accepted(let receipt): .succeeded(result: receipt.json)
            case .refused(let fault): .dead(reason: .permanent, error: fault.description)
            case .expired(let fault): .dead(reason: .expiredMessage, error: fault.description)
            case .throttled(let fault, let after): .retry(error: fault.description, after: after)
            case .misconfigured(let fault):
                .snooze(for: Self.pauseWhenMisconfigured, reason: fault.description)
            case .ambiguous(let fault): .unknown(error: fault.description)
            case .transient(let fault): .retry(error: fault.description)
            }
    }
}
