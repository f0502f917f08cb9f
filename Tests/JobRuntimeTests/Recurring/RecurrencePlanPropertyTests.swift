import Foundation
import JobRuntime
import TestSupport
import Testing

/// What holds of a schedule however often its planner is asked, is away, or starts anew.
@Suite struct RecurrencePlanPropertyTests {
    private static let zones = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"]
    private static let expressions = ["* * * * *", "*/7 1-4 * * *", "30 2 * * *", "0 0 * * SUN", "15 */2 L * *"]

    private static func recurrence(_ random: inout SeededGenerator) throws -> Recurrence {
        if Bool.random(using: &random) {
            let length = Int64.random(in: 1...1 << Int64.random(in: 0...32, using: &random), using: &random)
            return try .every(
                .milliseconds(length), offset: .milliseconds(Int64.random(in: 0..<length, using: &random)))
        }
        let zone = zones[Int.random(in: zones.indices, using: &random)]
        let expression = expressions[Int.random(in: expressions.indices, using: &random)]
        return .cron(try CronExpression(expression), timeZone: try .named(zone))
    }

    private static func policy(_ random: inout SeededGenerator) -> MissedTicks {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .skip(olderThan: .seconds(Int64.random(in: 0...7200, using: &random)))
        case 1: .latest
        default: .all(limit: Int.random(in: 0...50, using: &random))
        }
    }

    @Test(arguments: 0..<150 as Range<UInt64>)
    func everyTickIsRunOnceOrSkippedOnce(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        let (recurrence, missed) = try (Self.recurrence(&random), Self.policy(&random))
        // Across two changes of the clock in Berlin.
        let start = try moment("2026-03-20T00:00:00Z") + Int64.random(in: 0..<86_400_000, using: &random)
        var (now, last, handled, ran) = (start, Int64?.none, 0, [Int64]())
        for _ in 0..<40 {
            let plan = RecurrencePlan(of: recurrence, last: last, now: now, missed: missed)
            let before = last ?? now
            try #require(plan.due.allSatisfy { $0 > before && $0 <= now }, "of this time only")
            try #require(zip(plan.due, plan.due.dropFirst()).allSatisfy(<))
            try #require(plan.due.allSatisfy { recurrence.next(after: $0 - 1) == $0 }, "ticks only")
            try #require(plan.due.count + plan.skipped == recurrence.count(after: before, through: now))
            try #require(plan.last >= before && plan.last <= max(before, now), "never back")
            let next = try #require(recurrence.next(after: now))
            try #require(plan.wait == .milliseconds(next - now))
            try #require(next > now)
            try #require(recurrence.count(after: now, through: next) == 1, "and none before it")
            ran += plan.due
            handled += plan.due.count + plan.skipped
            last = plan.last
            // It sleeps as it is told, or longer, or is away for weeks.
            let away = Int64.random(in: 0...1 << Int64.random(in: 0...31, using: &random), using: &random)
            now += Bool.random(using: &random) ? next - now : away
        }
        #expect(Set(ran).count == ran.count, "none is run twice")
        let end = try #require(last)
        #expect(handled == recurrence.count(after: start, through: end))
    }
}
