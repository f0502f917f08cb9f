import Foundation

/// Looks at a zone's clock step by step, as a cron daemon does that wakes at each of them.
struct NaiveSearch {
    /// What the clock reads at a moment, and the readings that are new since the look before.
    private var looks: [(moment: Int64, now: ClockReading, new: [ClockReading])] = []

    /// - Parameters:
    ///   - start: Unix seconds; not looked at itself.
    ///   - step: seconds; the zone's jumps have to be whole steps.
    init(zone: TimeZone, from start: Int64, to end: Int64, step: Int64) {
        func wall(_ moment: Int64) -> Int64 {
            moment + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment))))
        }
        var shown = wall(start)
        for moment in stride(from: start + step, through: end, by: Int64.Stride(step)) {
            let now = wall(moment)
            let new = stride(from: shown + step, through: now, by: Int64.Stride(step)).map(ClockReading.init)
            looks.append((moment, ClockReading(wall: now), new))
            shown = max(shown, now)
        }
    }

    /// Unix seconds.
    func ticks(of expression: WrittenExpression) -> [Int64] {
        let meansEveryHour = expression.meansEveryHour
        return looks.filter { look in
            meansEveryHour ? expression.means(look.now) : look.new.contains { expression.means($0) }
        }
        .map(\.moment)
    }
}

/// A reading of a clock, taken apart by Foundation.
struct ClockReading {
    let second: Int
    let minute: Int
    let hour: Int
    let day: Int
    let month: Int
    /// 0 is Sunday.
    let weekday: Int
    let isLastOfMonth: Bool

    private static let calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    init(wall: Int64) {
        let date = Date(timeIntervalSince1970: Double(wall))
        let parts = Self.calendar.dateComponents([.month, .day, .weekday, .hour, .minute, .second], from: date)
        second = parts.second ?? -1
        minute = parts.minute ?? -1
        hour = parts.hour ?? -1
        day = parts.day ?? -1
        month = parts.month ?? -1
        weekday = (parts.weekday ?? 0) - 1
        isLastOfMonth = Self.calendar.component(.day, from: date + 86_400) == 1
    }
}
