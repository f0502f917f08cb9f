import JobRuntime
import Messaging

/// One end of a delivery of a message's job, as the ledger keeps it.
struct AttemptRow: Equatable, Sendable {
    var message: JobID
    var place: Int64
    var attempt: Int
    var deliveries: Int
    var outcome: AttemptOutcome
    var status: MessageStatus
    var worker: String?
    /// Unix milliseconds.
    var endedAt: Int64
    var elapsed: Int64?
    var nextAttemptAt: Int64?
    var reason: String?
    var error: String?
    var result: String?
}

/// What else has happened to a message, as the ledger keeps it.
struct StatusEventRow: Equatable, Sendable {
    var message: JobID
    var place: Int64
    /// Unix milliseconds.
    var at: Int64
    var type: String
    var status: MessageStatus?
    var reason: String?
    var error: String?
    var detail: String?
    var token: String?
}

/// How an attempt can end; the raw value is the type of its event.
enum AttemptOutcome: String, Sendable {
    case succeeded, retrying, snoozed, parked, dead, unknown, expired, discarded

    /// What the message is by it.
    func status(reason: String?) -> MessageStatus {
        switch self {
        case .succeeded: .sent
        case .retrying, .snoozed, .parked: .retrying
        case .dead: .failed
        case .unknown: .unknown
        case .expired: .expired
        case .discarded: reason == DeadReason.suppressed.rawValue ? .suppressed : .canceled
        }
    }

    /// Whether it takes an attempt: what was put off without having failed has the same number the next time.
    var spendsAttempt: Bool { self != .snoozed && self != .parked }
}
