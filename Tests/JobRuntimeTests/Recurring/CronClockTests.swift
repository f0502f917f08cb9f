import Foundation
import JobRuntime
import Testing

/// What becomes of readings that a clock leaves out or repeats.
@Suite struct CronClockTests {
    private func ticks(_ expression: String, _ zone: String, after start: String, _ count: Int) throws -> [String] {
        let zone = try TimeZone.named(zone)
        return try Recurrence.cron(CronExpression(expression), timeZone: zone).first(count, after: moment(start))
            .map { reading($0, in: zone) }
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-03-28T02:00:00Z", ["2026-03-29T03:00:00+0200", "2026-03-30T02:30:00+0200"]),
        ("America/New_York", "2026-03-07T08:00:00Z", ["2026-03-08T03:00:00-0400", "2026-03-09T02:30:00-0400"]),
        // Half an hour only: 02:00 becomes 02:30, so that 02:30 itself is there.
        ("Australia/Lord_Howe", "2026-10-02T16:00:00Z", ["2026-10-04T02:30:00+1100", "2026-10-05T02:30:00+1100"]),
        ("UTC", "2026-03-28T03:00:00Z", ["2026-03-29T02:30:00Z", "2026-03-30T02:30:00Z"]),
    ])
    func aTimeLeftOutIsRunAtTheFirstMomentAfterIt(zone: String, start: String, expected: [String]) throws {
        #expect(try ticks("30 2 * * *", zone, after: start, 2) == expected)
    }

    @Test(arguments: [
        (
            "Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z",
            ["2026-10-25T02:30:00+0200", "2026-10-26T02:30:00+0100"]
        ),
        (
            "America/New_York", "30 1 * * *", "2026-10-31T12:00:00Z",
            ["2026-11-01T01:30:00-0400", "2026-11-02T01:30:00-0500"]
        ),
        (
            "Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00:00Z",
            ["2026-04-05T01:45:00+1100", "2026-04-06T01:45:00+1030"]
        ),
        // Without its last half hour repeated, 01:15 comes once anyway.
        (
            "Australia/Lord_Howe", "15 1 * * *", "2026-04-04T00:00:00Z",
            ["2026-04-05T01:15:00+1100", "2026-04-06T01:15:00+1030"]
        ),
    ])
    func aTimeRepeatedIsRunTheFirstTime(zone: String, text: String, start: String, expected: [String]) throws {
        #expect(try ticks(text, zone, after: start, 2) == expected)
    }

    @Test func whoeverAsksInTheMiddleOfARepetitionIsToldTheSame() throws {
        // 02:10 for the second time, and 02:40 for the second time.
        for start in ["2026-10-25T01:10:00Z", "2026-10-25T01:40:00Z"] {
            #expect(try ticks("30 2 * * *", "Europe/Berlin", after: start, 1) == ["2026-10-26T02:30:00+0100"])
        }
    }

    @Test func allThatOneJumpLeavesOutIsOneTick() throws {
        #expect(
            try ticks("*/20 1-3 * * *", "Europe/Berlin", after: "2026-03-29T00:30:00Z", 5) == [
                "2026-03-29T01:40:00+0100", "2026-03-29T03:00:00+0200", "2026-03-29T03:20:00+0200",
                "2026-03-29T03:40:00+0200", "2026-03-30T01:00:00+0200",
            ])
        #expect(
            try ticks("5 2 * * *", "Australia/Lord_Howe", after: "2026-10-03T00:00:00Z", 2) == [
                "2026-10-04T02:30:00+1100", "2026-10-05T02:05:00+1100",
            ])
    }

    @Test func hoursFarApartAreCertainHours() throws {
        #expect(
            try ticks("0 */2 * * *", "Europe/Berlin", after: "2026-10-24T22:00:00Z", 2) == [
                "2026-10-25T02:00:00+0200", "2026-10-25T04:00:00+0100",
            ])
        #expect(
            try ticks("0 */2 * * *", "Europe/Berlin", after: "2026-03-28T23:00:00Z", 2) == [
                "2026-03-29T03:00:00+0200", "2026-03-29T04:00:00+0200",
            ])
    }

    @Test(arguments: ["*", "0-23", "*/1"])
    func everyHourGoesByTheReadingsAsTheyCome(hours: String) throws {
        #expect(
            try ticks("30 \(hours) * * *", "Europe/Berlin", after: "2026-03-29T00:00:00Z", 2) == [
                "2026-03-29T01:30:00+0100", "2026-03-29T03:30:00+0200",
            ])
        #expect(
            try ticks("30 \(hours) * * *", "America/New_York", after: "2026-11-01T04:45:00Z", 3) == [
                "2026-11-01T01:30:00-0400", "2026-11-01T01:30:00-0500", "2026-11-01T02:30:00-0500",
            ])
        #expect(
            try ticks("0 \(hours) * * *", "Australia/Lord_Howe", after: "2026-10-03T14:00:00Z", 2) == [
                "2026-10-04T01:00:00+1030", "2026-10-04T03:00:00+1100",
            ])
    }

    @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
    func everyMinuteOfAYearIsRunOnce(zone: String) throws {
        let everyMinute = Recurrence.cron(try CronExpression("* * * * *"), timeZone: try .named(zone))
        let (start, end) = try (moment("2026-01-01T00:00:00Z"), moment("2027-01-01T00:00:00Z"))
        #expect(everyMinute.count(after: start, through: end) == 365 * 1440)
    }

    @Test func midnightMayBeLeftOut() throws {
        #expect(
            try ticks("@daily", "Africa/Cairo", after: "2026-04-22T21:00:00Z", 3) == [
                "2026-04-23T00:00:00+0200", "2026-04-24T01:00:00+0300", "2026-04-25T00:00:00+0300",
            ])
    }

    /// Samoa went from 29 to 31 December 2011.
    @Test func aDayMayBeLeftOut() throws {
        #expect(
            try ticks("0 9,17 * * *", "Pacific/Apia", after: "2011-12-30T04:00:00Z", 3) == [
                "2011-12-31T00:00:00+1400", "2011-12-31T09:00:00+1400", "2011-12-31T17:00:00+1400",
            ])
        #expect(
            try ticks("0 0 30 12 *", "Pacific/Apia", after: "2011-01-01T00:00:00Z", 2) == [
                "2011-12-31T00:00:00+1400", "2012-12-30T00:00:00+1400",
            ])
    }
}
