/// How one delivery is to be ended: what ``Outcome`` and policy together come to. A value that never changes; a class, so
/// that it is handed on and sorted without being copied.
package final class Settlement: Sendable {
    package enum Verb: Sendable, Equatable {
        case done(result: String)
        /// It was not run: its time was over.
        case expired(error: String)
        /// It is not to be done after all.
        case discarded(reason: DeadReason, error: String)
        case delay(Delay)
        case dead(state: DeadState, reason: DeadReason, error: String)
        /// Handed back, takable at once; `isUntouched`: as if it had not been delivered, since it had no effect.
        case release(isUntouched: Bool)
    }

    /// Another delivery later.
    package struct Delay: Sendable, Equatable {
        package enum Cause: String, Sendable {
            /// The attempt failed; the next one follows.
            case retrying
            /// Put off by its handler.
            case snoozed
            /// No worker here has a handler for its kind.
            case parked
        }

        package var cause: Cause
        package var wait: Duration
        /// The number of the next attempt: the same again where none was spent.
        package var attempt: Int
        /// The error, or the reason of a snooze.
        package var text: String
        /// nil: as it was.
        package var meta: JobMeta?

        package init(_ cause: Cause, wait: Duration, attempt: Int, text: String, meta: JobMeta? = nil) {
            self.cause = cause
            self.wait = wait
            self.attempt = attempt
            self.text = text
            self.meta = meta
        }
    }

    package enum DeadState: String, Sendable { case dead, unknown }

    package let entry: Entry
    package let deliveries: Int
    /// nil for an entry that is no job of ours.
    package let job: JobID?
    package let attempt: Int
    package let elapsed: Duration
    package let verb: Verb
    /// Enqueued in the same step and to begin at once; of a tracked queue each once, however often its id is enqueued.
    package let followUps: [NewJob]

    package init(
        entry: Entry, deliveries: Int, job: JobID? = nil, attempt: Int = 1, elapsed: Duration = .zero, verb: Verb,
        followUps: [NewJob] = []
    ) {
        self.entry = entry
        self.deliveries = deliveries
        self.job = job
        self.attempt = attempt
        self.elapsed = elapsed
        self.verb = verb
        self.followUps = followUps.map(\.atOnce)
    }

    package convenience init(
        _ delivered: Delivered, deliveries: Int, elapsed: Duration, verb: Verb, followUps: [NewJob] = []
    ) {
        self.init(
            entry: delivered.entry, deliveries: deliveries, job: delivered.isJob ? delivered.job : nil,
            attempt: delivered.attempt, elapsed: elapsed, verb: verb, followUps: followUps)
    }

    /// What became of a settlement.
    enum Answer: Sendable, Equatable {
        case settled
        /// The entry is not this delivery's any more: another worker holds it, or has settled it, or its group was
        /// destroyed. Nothing was changed.
        case fenced
        /// The store could not be reached while the worker was stopping.
        case lost
    }
}

extension NewJob {
    /// Without what only an enqueue can heed.
    fileprivate var atOnce: NewJob {
        var job = self
        (job.start, job.unique, job.idempotency, job.tick) = (.now, nil, nil, nil)
        return job
    }
}
