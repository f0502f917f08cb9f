import JobRuntime
import Messaging

/// The row that an event of a message's job becomes.
enum Row: Equatable, Sendable {
    /// None of its own: the message's row says when it was accepted.
    case accepted
    case attempt(AttemptRow)
    case status(StatusEventRow)
}

extension Row {
    init(_ event: JobEvent, at place: Int64) throws(EventFault) {
        switch event.type {
        case "accepted": self = .accepted
        case "canceled", "redriven", "restored", "dropped": self = .status(StatusEventRow(event, at: place))
        case "reported":
            guard event.name != nil else { throw EventFault("a report without a name") }
            self = .status(StatusEventRow(event, at: place))
        default:
            guard let outcome = AttemptOutcome(rawValue: event.type) else {
                throw EventFault("nothing is known of events of the type \(event.type.prefix(40))")
            }
            // What no worker has brought about is no attempt: a report that settles, an entry that was lost.
            self =
                if let deliveries = event.deliveries {
                    .attempt(AttemptRow(event, outcome, deliveries: deliveries, at: place))
                } else {
                    .status(StatusEventRow(event, outcome, at: place))
                }
        }
    }

    /// What the event says of the message.
    func add(to change: inout MessageChange) {
        switch self {
        case .accepted: break
        case .attempt(let row):
            change.learn(
                row.status, attempts: row.outcome.spendsAttempt ? row.attempt : row.attempt - 1, at: row.place)
            if row.status == .sent { change.sentAt = min(change.sentAt ?? .max, row.endedAt) }
            change.learn(
                MessageChange.Latest(
                    place: row.place, reason: row.reason, error: row.error, result: row.result,
                    nextAttemptAt: row.nextAttemptAt))
        case .status(let row):
            if let status = row.status { change.learn(status, at: row.place) }
            switch row.type {
            case "dropped": change.droppedAt = min(change.droppedAt ?? .max, row.at)
            case "reported", "restored": break
            default:
                if row.type == "redriven" { change.redriven = max(change.redriven ?? .min, row.place) }
                if row.status == .sent { change.sentAt = min(change.sentAt ?? .max, row.at) }
                change.learn(
                    MessageChange.Latest(place: row.place, reason: row.reason, error: row.error, result: row.detail))
            }
        }
    }
}

extension AttemptRow {
    fileprivate init(_ event: JobEvent, _ outcome: AttemptOutcome, deliveries: Int, at place: Int64) {
        // Where it was put off without having failed, the text says why.
        let (reason, error) = outcome.spendsAttempt ? (event.reason, event.error) : (event.error, nil)
        self.init(
            message: event.id, place: place, attempt: event.attempt, deliveries: deliveries, outcome: outcome,
            status: outcome.status(reason: event.reason), worker: event.consumer, endedAt: event.at.milliseconds,
            elapsed: event.elapsed, nextAttemptAt: event.due?.milliseconds, reason: reason, error: error,
            result: event.result)
    }
}

extension StatusEventRow {
    fileprivate init(_ event: JobEvent, at place: Int64) {
        let status: MessageStatus? =
            switch event.type {
            case "canceled": .canceled
            case "redriven": .pending
            case "reported": event.name.flatMap(MessageStatus.init)
            default: nil
            }
        self.init(event, type: event.type, status: status, at: place)
    }

    fileprivate init(_ event: JobEvent, _ outcome: AttemptOutcome, at place: Int64) {
        self.init(event, type: event.type, status: outcome.status(reason: event.reason), at: place)
    }

    private init(_ event: JobEvent, type: String, status: MessageStatus?, at place: Int64) {
        self.init(
            message: event.id, place: place, at: event.at.milliseconds, type: type, status: status,
            reason: event.reason, error: event.error, detail: event.result, token: event.token)
    }
}
