import Foundation
import JobRuntime
import Testing

/// Unix milliseconds of a moment written as `2026-03-29T01:00:00Z`.
func moment(_ text: String) throws -> Int64 {
    Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970) * 1000
}

/// What a clock of a zone reads at a moment, and its offset: `2026-03-29T03:00:00+0200`.
func reading(_ moment: Int64, in zone: TimeZone) -> String {
    Date(timeIntervalSince1970: Double(moment) / 1000).formatted(Date.ISO8601FormatStyle(timeZone: zone))
}

extension TimeZone {
    static func named(_ identifier: String) throws -> TimeZone {
        try #require(TimeZone(identifier: identifier))
    }
}

extension Recurrence {
    /// The first `count` ticks after a moment, or fewer up to another.
    func first(_ count: Int = .max, after: Int64, through: Int64 = .max) -> [Int64] {
        var ticks: [Int64] = []
        var last = after
        // A tick that is not later ends the search, or a mistake would never come to an end.
        while ticks.count < count, let tick = next(after: last), tick > last, tick <= through {
            ticks.append(tick)
            last = tick
        }
        return ticks
    }
}
