import Foundation
import Testing

@testable import JobRuntime

/// Our arithmetic beside Foundation, and what we rely on in Foundation.
@Suite struct CivilTimeTests {
    @Test func daysAreThoseOfFoundationsCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        // 1900 to 9999, at a stride that meets every day of the year and of the week.
        for number in stride(from: Int64(-25_567), through: 2_932_896, by: 97) {
            let date = Date(timeIntervalSince1970: Double(number * CivilDay.seconds))
            let expected = calendar.dateComponents([.month, .day, .weekday], from: date)
            let day = CivilDay(number)
            try #require(day.month == expected.month, "day \(number)")
            try #require(day.dayOfMonth == expected.day, "day \(number)")
            try #require(day.dayOfWeek + 1 == expected.weekday, "day \(number)")
        }
    }

    @Test(arguments: [(0, 0), (86_399, 0), (86_400, 1), (-1, -1), (-86_400, -1), (-86_401, -2)])
    func aDayBeginsAtMidnightBefore1970Too(wall: Int64, number: Int64) {
        #expect(CivilDay.number(at: wall) == number)
    }

    /// What the schedule relies on: that Foundation tells every change of an offset, not only those of summer time.
    /// Every seventh zone, as all of them take seconds.
    @Test func noZoneChangesItsOffsetWithinAStretch() throws {
        for (index, identifier) in TimeZone.knownTimeZoneIdentifiers.enumerated() where index % 7 == 0 {
            let zone = try TimeZone.named(identifier)
            var expected: Int64 = 0
            for stretch in ZoneStretches(of: zone, from: 2 * CivilDay.seconds, to: 4_000_000_000) {
                try #require(stretch.span.lowerBound == expected)
                let looks = Array(stride(from: expected, to: stretch.span.upperBound, by: 10 * 86_400))
                for second in looks + [stretch.span.upperBound - 1] {
                    let date = Date(timeIntervalSince1970: Double(second))
                    try #require(zone.secondsFromGMT(for: date) == Int(stretch.offset), "\(identifier), \(date)")
                }
                expected = stretch.span.upperBound
            }
            #expect(expected == 4_000_000_000)
        }
    }

    @Test func aStretchKnowsWhatTheClockHadShown() throws {
        let october = try moment("2026-10-25T00:00:00Z") / 1000
        let stretches = ZoneStretches(of: try .named("Europe/Berlin"), from: october, to: october + 86_400)
        #expect(stretches.map(\.offset) == [7200, 3600])
        #expect(stretches.map { $0.shown - $0.opening } == [0, 3600])
    }
}
