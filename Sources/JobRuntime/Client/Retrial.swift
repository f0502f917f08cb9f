/// What became of the wish to try a job again, now.
public enum Retrial: Sendable, Equatable {
    /// It was dead: it is in its queue again, as a first attempt with all attempts before it.
    case redriven
    /// It waited for its next attempt, or was put off: it is due now. No attempt is spent by that.
    case hastened
    /// It waits for the time it was enqueued for. Nothing was done.
    case scheduled
    /// It waits for a worker already.
    case queued
    /// A worker runs it, or died running it.
    case running
    /// An attempt may have had its effect, and another could repeat it: it is held as unknown, or waits for what will
    /// tell. Nothing was done; a person resolves it (``JobClient/report(_:of:)``, ``DeadLetters``).
    case inDoubt
    /// It has ended, in this state of its record: `done`, `unknown`, `expired`, `discarded` or `canceled`; `dead`, when too
    /// little is left of it, or its dead letter was dropped.
    case ended(state: String)
    /// Nothing is known of such a job: it never was, its record has expired, or its queue is untracked.
    case notFound
}

/// What the store says of the wish.
package enum Hastening: Sendable, Equatable {
    case answered(Retrial)
    /// It is dead, and here is its letter.
    case dead(DeadLetter.ID, queue: String)
}

extension JobClient {
    /// Tries a job again, now: one that is dead, or waits for its next attempt. Whoever else acts on it at the same time,
    /// a worker, a cancel or a second retry, one of them has its effect and the others are told what it is then.
    public func retry(_ id: JobID) async throws(StoreError) -> Retrial {
        // Somebody may take the letter between the two looks; then the job is something else.
        for _ in 0..<3 {
            switch try await store.hasten(id) {
            case .answered(let answer): return answer
            case .dead(let letterID, let queue):
                guard let letter = try await DeadLetters(storage: store).show(letterID, of: queue) else { continue }
                guard letter.isRedrivable else { return .ended(state: "dead") }
                if try await store.redrive([letter], of: queue) == [true] { return .redriven }
            }
        }
        return .ended(state: "dead")
    }
}
