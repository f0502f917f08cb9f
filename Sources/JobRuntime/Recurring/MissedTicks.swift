/// What becomes of the ticks that came while no worker ran.
public enum MissedTicks: Sendable, Hashable {
    /// A tick runs on time or not at all: those older than the grace are left out, and of the younger ones the latest
    /// ``RecurrencePlan/mostWithinGrace`` run.
    case skip(olderThan: Duration = .seconds(60))

    /// However many have come, one runs: the latest.
    case latest

    /// The latest of them run, at most `limit` at a time and at least one.
    case all(limit: Int)
}
