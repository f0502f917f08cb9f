/// What a schedule has to do now: a pure function, so that processes that plan at the same time plan the same jobs.
public struct RecurrencePlan: Sendable, Hashable {
    /// The ticks to enqueue now, in ascending order, in Unix milliseconds.
    public let due: [Int64]

    /// What to store as the last tick handled, run or not. It moves on by ticks, not with the clock, so that it is the
    /// same whichever process stores it.
    public let last: Int64

    /// How many ticks were handled by leaving them out.
    public let skipped: Int

    /// How long until the next tick; nil when there is none up to the year 9999.
    public let wait: Duration?

    /// The most ticks that ``MissedTicks/skip(olderThan:)`` runs at a time, whatever its grace.
    public static let mostWithinGrace = 1000

    /// Plans the ticks later than the last one handled and not later than now.
    ///
    /// - Parameters:
    ///   - last: Unix milliseconds of the last tick handled; nil at the first start, when nothing of the past runs.
    ///   - now: Unix milliseconds. When it is earlier than `last` (a clock was put back), nothing runs until it has
    ///     caught up.
    public init(of recurrence: Recurrence, last: Int64?, now: Int64, missed: MissedTicks) {
        let (limit, grace): (Int, Duration) =
            switch missed {
            case .skip(let grace): (Self.mostWithinGrace, grace)
            case .latest: (1, .seconds(Int64.max))
            case .all(let limit): (max(limit, 1), .seconds(Int64.max))
            }
        let (latest, earlier) = recurrence.ticks(after: last ?? now, through: now, limit: limit)
        due = latest.filter { .milliseconds(now - $0) <= grace }
        skipped = earlier + latest.count - due.count
        self.last = latest.last ?? last ?? now
        wait = recurrence.next(after: max(self.last, now)).map { .milliseconds($0 - now) }
    }
}
