/// Where a job of a tracked queue is.
public enum JobLocation: Sendable, Equatable {
    /// There is no record of it: it never was, its record has expired after its end, or Redis has lost it.
    case absent
    /// Its record is of another queue.
    case elsewhere(queue: String)
    /// In its stream, not delivered, or handed back.
    case waiting
    /// A worker runs it, or died running it.
    case running
    case scheduled
    case retrying
    case snoozed
    case parked
    /// Among the dead letters, unless somebody has dropped it there.
    case dead(isDropped: Bool)
    /// Among the dead letters, held as unknown, unless somebody has dropped it there.
    case unknown(isDropped: Bool)
    /// It has ended, in this state of its record: `done`, `canceled`, `expired` or `discarded`.
    case finished(state: String)
    /// It is not where its record says: the state of its record, such as `queued`.
    case lost(state: String)
}
