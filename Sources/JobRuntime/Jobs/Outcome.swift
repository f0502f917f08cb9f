/// How an attempt ended. The settlement does exactly what the outcome says, and nothing else can end an attempt.
public enum Outcome: Sendable, Equatable {
    /// The work is done. `result` is a JSON document, kept in the job's record.
    case succeeded(result: String? = nil)

    /// The work failed in a way that another attempt may mend. `after` is how long to wait at least (a provider's
    /// Retry-After); without it, and for the limits, the kind's ``RetryPolicy`` decides. `memo` is what the next attempt
    /// is to know (``JobMeta/memo``); nil: what it was; empty: nothing.
    case retry(error: String, after: Duration? = nil, memo: JobMemo? = nil)

    /// Not now, and through no fault of the job: it is put off by `for`, and no attempt is spent. `memo` as with
    /// ``retry(error:after:memo:)``.
    case snooze(for: Duration, reason: String, memo: JobMemo? = nil)

    /// No further attempt can help. The whole job goes to the dead letters of its queue.
    case dead(reason: DeadReason, error: String)

    /// The work may or may not have had its effect, and trying again could repeat it: the job is held in the dead
    /// letters, in state `unknown`, for reconciliation or a person.
    case unknown(error: String)

    /// The job's time was over before the work was done: it ends as `expired`, without a dead letter.
    case expired(error: String)

    /// The work is not to be done after all, and that is in order: the job ends as `discarded`, without a dead letter.
    case discarded(reason: DeadReason, error: String)
}

extension Outcome {
    /// The outcome in one word, as metrics and logs name it.
    public var name: String {
        switch self {
        case .succeeded: "succeeded"
        case .retry: "retry"
        case .snooze: "snooze"
        case .dead: "dead"
        case .unknown: "unknown"
        case .expired: "expired"
        case .discarded: "discarded"
        }
    }
}

/// Why a job went to the dead letters. The raw value is what the `reason` field of the dead letter says.
public struct DeadReason: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// The handler said that no attempt can succeed.
    public static let permanent = DeadReason(rawValue: "permanent")
    /// Every attempt that the policy allows has failed.
    public static let exhausted = DeadReason(rawValue: "exhausted")
    /// The payload could not be decoded as the kind's type.
    public static let undecodable = DeadReason(rawValue: "undecodable")
    /// Delivered more often than allowed without a single settlement: it takes its worker down with it.
    public static let crashLoop = DeadReason(rawValue: "crash_loop")
    /// The job is older than its policy allows another attempt to be.
    public static let tooOld = DeadReason(rawValue: "too_old")
    /// For a day no worker that was given the job had a handler for its kind.
    public static let noHandler = DeadReason(rawValue: "no_handler")
    /// Its record or its entry was deleted by somebody else; nothing is left of it but its id.
    public static let lost = DeadReason(rawValue: "lost")
    /// Whether it had its effect is not known; see ``Outcome/unknown(error:)``.
    public static let unknown = DeadReason(rawValue: "unknown")

    /// Whether nobody knows if the job had its effect.
    public var isDoubtful: Bool { self == .unknown || self == .crashLoop }
}
