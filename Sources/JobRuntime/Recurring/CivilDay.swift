/// A reading of a wall clock, date and time: the seconds since it read 1 January 1970, 00:00:00.
typealias WallSecond = Int64

/// A day of the Gregorian calendar, as far as a ``CronExpression`` asks about it.
///
/// By arithmetic rather than Foundation's `Calendar`, as a search may pass thousands of days.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`, 2013.
struct CivilDay {
    let month: Int
    let dayOfMonth: Int
    /// 0 is Sunday.
    let dayOfWeek: Int

    static let seconds: Int64 = 86_400

    /// - Parameter number: days since 1 January 1970; not before the year 0.
    init(_ number: Int64) {
        // Years that begin in March, in a cycle of 400 years: the day that leaps is the last of its year.
        let sinceMarchOfYear0 = Int(number) + 719_468
        let dayOfCycle = sinceMarchOfYear0 % 146_097
        let year = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * year + year / 4 - year / 100)
        let sinceMarch = (5 * dayOfYear + 2) / 153
        month = sinceMarch < 10 ? sinceMarch + 3 : sinceMarch - 9
        dayOfMonth = dayOfYear - (153 * sinceMarch + 2) / 5 + 1
        dayOfWeek = (sinceMarchOfYear0 + 3) % 7
    }

    /// The number of the day on which a clock reads `wall`, rounded down also before 1970.
    static func number(at wall: WallSecond) -> Int64 {
        wall < 0 ? (wall + 1) / seconds - 1 : wall / seconds
    }
}
