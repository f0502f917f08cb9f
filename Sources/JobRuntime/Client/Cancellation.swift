/// What became of the wish to cancel a job.
public enum Cancellation: Sendable, Equatable {
    /// It waited, and is gone: no worker will run it.
    case canceled
    /// A worker runs it, or died running it; it cannot be taken back.
    case running
    /// It has ended, in this state of its record: `done`, `dead`, `unknown`, `expired` or `canceled`.
    case ended(state: String)
    /// Nothing is known of such a job: it never was, its record has expired, or its queue is untracked.
    case notFound
}
