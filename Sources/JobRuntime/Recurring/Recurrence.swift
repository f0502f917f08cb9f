public import Foundation

/// The moments at which something recurs, its ticks: a pure function of time, so that any number of processes agree.
///
/// Moments are Unix milliseconds from 1970 to the end of the year 9999; there is no tick outside.
///
/// Where a zone puts its clock forward or back, a cron expression that means every hour (`*` for the hour, and `0-23`
/// too) goes by the readings as they come: none of those left out, twice those repeated. Any other expression has a tick
/// at the first moment that reads, or is past, what it means. So 02:30 has its tick at 03:00 on the day that leaves 02:30
/// out, one tick even if several times were left out; and on the day that has 02:30 twice, at the first. Source: cron(8)
/// of Vixie cron, "Daylight Saving Time and other time changes", without its bound of three hours.
public struct Recurrence: Sendable, Hashable {
    private enum Rule: Hashable {
        case cron(CronSchedule)
        case interval(IntervalSchedule)
    }

    private let rule: Rule

    /// The end of the year 9999.
    private static let end: Int64 = 253_402_300_799_999

    private init(_ rule: Rule) { self.rule = rule }

    /// Whenever the clock of a zone reads what an expression means. Foundation brings its own time zone data.
    public static func cron(_ expression: CronExpression, timeZone: TimeZone = .gmt) -> Recurrence {
        Recurrence(.cron(CronSchedule(expression: expression, zone: timeZone)))
    }

    /// At 1970-01-01T00:00Z plus `offset`, and every `interval` since.
    ///
    /// - Parameters:
    ///   - interval: whole milliseconds, at least one, at most ten years of 365 days.
    ///   - offset: whole milliseconds, less than the interval.
    public static func every(_ interval: Duration, offset: Duration = .zero) throws(RecurrenceError) -> Recurrence {
        guard let length = interval.wholeMilliseconds, 1...315_360_000_000 ~= length else { throw .interval(interval) }
        guard let shift = offset.wholeMilliseconds, 0..<length ~= shift else { throw .offset(offset) }
        return Recurrence(.interval(IntervalSchedule(length: length, offset: shift)))
    }

    /// The first tick later than `moment`; nil only when that is past the year 9999.
    public func next(after moment: Int64) -> Int64? {
        let after = max(moment, 0)
        guard after < Self.end else { return nil }
        return switch rule {
        case .interval(let interval): interval.next(after: after, through: Self.end)
        case .cron(let cron): cron.next(after: after / 1000, through: Self.end / 1000).map { $0 * 1000 }
        }
    }

    /// How many ticks are later than `after` and not later than `through`. The work is by the day, not by the tick.
    public func count(after: Int64, through: Int64) -> Int {
        let (after, through) = (max(after, 0), min(through, Self.end))
        guard after < through else { return 0 }
        return switch rule {
        case .interval(let interval): interval.count(after: after, through: through)
        case .cron(let cron): cron.count(after: after / 1000, through: through / 1000)
        }
    }

    /// The latest ticks, at most `limit`, in ascending order, of those later than `after` and not later than `through`;
    /// and how many came before them in that time.
    public func ticks(after: Int64, through: Int64, limit: Int) -> (latest: [Int64], earlier: Int) {
        let total = count(after: after, through: through)
        let wanted = min(max(limit, 0), total)
        var moment = wanted == total ? after : start(of: wanted, after: after, through: through)
        var latest: [Int64] = []
        while latest.count < wanted, let tick = next(after: moment) {
            latest.append(tick)
            moment = tick
        }
        return (latest, total - wanted)
    }

    /// The first moment after which no more than `wanted` ticks are left, found by halving.
    private func start(of wanted: Int, after: Int64, through: Int64) -> Int64 {
        var (low, high) = (max(after, 0), min(through, Self.end))
        while low < high {
            let middle = low + (high - low) / 2
            if count(after: middle, through: through) <= wanted { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Duration {
    /// Nil for a fraction of a millisecond, and for more than 64 bits hold.
    fileprivate var wholeMilliseconds: Int64? {
        let (milliseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        return rest == 0 ? Int64(exactly: milliseconds) : nil
    }
}
