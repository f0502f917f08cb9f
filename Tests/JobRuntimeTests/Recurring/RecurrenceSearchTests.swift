import Foundation
import JobRuntime
import TestSupport
import Testing

/// ``Recurrence`` beside a search that looks at every minute of two days, or every second of two hours.
@Suite struct RecurrenceSearchTests {
    @Test(arguments: [
        ("Europe/Berlin", "2026-03-28T12:00:00Z"), ("Europe/Berlin", "2026-10-24T12:00:00Z"),
        ("America/New_York", "2026-03-07T18:00:00Z"), ("America/New_York", "2026-10-31T18:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T03:00:00Z"), ("Australia/Lord_Howe", "2026-10-03T03:00:00Z"),
        ("Africa/Cairo", "2026-04-23T12:00:00Z"), ("Africa/Casablanca", "2026-02-14T12:00:00Z"),
        ("America/Santiago", "2026-09-05T12:00:00Z"), ("Pacific/Apia", "2011-12-29T18:00:00Z"),
        ("Asia/Kathmandu", "2026-02-27T12:00:00Z"), ("UTC", "2028-02-28T12:00:00Z"),
    ])
    func everyMinuteTellsTheSame(zone: String, start: String) throws {
        try compare(zone, start, step: 60, looks: 2 * 1440, expressions: 60)
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-03-29T00:00:00Z"), ("America/New_York", "2026-11-01T05:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T14:45:00Z"), ("UTC", "2026-12-31T23:00:00Z"),
    ])
    func everySecondTellsTheSame(zone: String, start: String) throws {
        try compare(zone, start, step: 1, looks: 2 * 3600, expressions: 30)
    }

    private func compare(_ zone: String, _ start: String, step: Int64, looks: Int64, expressions: Int) throws {
        let (zone, start) = try (TimeZone.named(zone), moment(start) / 1000)
        let end = start + looks * step
        let search = NaiveSearch(zone: zone, from: start, to: end, step: step)
        var random = SeededGenerator(state: UInt64(start))
        var met = 0
        for _ in 0..<expressions {
            let written = WrittenExpression(seconds: step == 1, random: &random)
            let expected = search.ticks(of: written).map { $0 * 1000 }
            let recurrence = Recurrence.cron(try CronExpression(written.text), timeZone: zone)
            try #require(recurrence.first(after: start * 1000, through: end * 1000) == expected, "\(written.text)")
            let limit = Int.random(in: 0...20, using: &random)
            let (latest, earlier) = recurrence.ticks(after: start * 1000, through: end * 1000, limit: limit)
            try #require(latest == expected.suffix(limit), "\(written.text)")
            try #require(earlier == max(expected.count - limit, 0), "\(written.text)")
            met += expected.isEmpty ? 0 : 1
        }
        #expect(met > expressions / 5, "enough of the expressions have to say something here")
    }
}
