import Foundation
import JobRuntime
import Testing

/// Which days an expression means, in a zone without jumps.
@Suite struct CronDayTests {
    private func days(_ expression: String, after start: String, _ count: Int) throws -> [String] {
        try Recurrence.cron(CronExpression(expression)).first(count, after: moment(start + "T00:00:00Z"))
            .map { String(reading($0, in: .gmt).prefix(10)) }
    }

    @Test(arguments: [
        // 1 May 2026 is a Friday.
        ("0 9 13 * FRI", ["2026-05-01", "2026-05-08", "2026-05-13", "2026-05-15"]),
        ("0 9 13 * *", ["2026-05-13", "2026-06-13"]),
        ("0 9 * * FRI", ["2026-05-01", "2026-05-08"]),
        ("0 9 */2 * FRI", ["2026-05-01", "2026-05-15", "2026-05-29", "2026-06-05"]),
        ("0 9 13 * */5", ["2026-09-13", "2026-11-13"]),
        ("0 9 L * *", ["2026-05-31", "2026-06-30", "2026-07-31"]),
        ("0 9 L 2 *", ["2027-02-28", "2028-02-29", "2029-02-28"]),
        ("0 9 L * SUN", ["2026-05-03", "2026-05-10", "2026-05-17", "2026-05-24", "2026-05-31", "2026-06-07"]),
        ("0 9 31 * *", ["2026-05-31", "2026-07-31", "2026-08-31", "2026-10-31"]),
    ])
    func eitherDayFieldIsEnoughUnlessOneBeginsWithAStar(expression: String, expected: [String]) throws {
        #expect(try days(expression, after: "2026-05-01", expected.count) == expected)
    }

    @Test func theDayThatLeapsIsWaitedForAcrossACenturyWithoutIt() throws {
        #expect(try days("0 0 29 2 *", after: "2092-01-01", 3) == ["2092-02-29", "2096-02-29", "2104-02-29"])
        #expect(try days("0 0 29 2 */7", after: "2087-01-01", 2) == ["2088-02-29", "2128-02-29"])
    }

    @Test func timeEndsWithTheYear9999() throws {
        #expect(try days("0 0 29 2 *", after: "9990-01-01", 5) == ["9992-02-29", "9996-02-29"])
        #expect(try days("0 12 31 12 *", after: "9998-01-01", 5) == ["9998-12-31", "9999-12-31"])
    }
}
