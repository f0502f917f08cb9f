public import JobRuntime

extension MessageStatus {
    /// The status of a message whose job has ended so.
    public init(_ ending: Ending) {
        self =
            switch ending {
            case .succeeded: .sent
            case .dead: .failed
            case .unknown: .unknown
            case .expired: .expired
            case .discarded(let reason, _): MessageStatus(discarded: reason)
            }
    }

    /// The status of a message by its job's record: how far the job is, and what callbacks have told.
    public init(_ record: JobRecord) {
        let status = MessageStatus(record.state)
        self = record.report.flatMap { MessageStatus(rawValue: $0.name) }.map(status.advanced) ?? status
    }

    private init(_ state: JobRecord.State) {
        self =
            switch state {
            case .queued, .scheduled: .pending
            case .running: .sending
            case .retrying, .snoozed, .parked: .retrying
            case .canceled: .canceled
            case .expired: .expired
            case .discarded(let reason): MessageStatus(discarded: reason)
            case .succeeded: .sent
            case .dead: .failed
            case .unknown: .unknown
            }
    }

    private init(discarded reason: DeadReason) { self = reason == .suppressed ? .suppressed : .canceled }
}
