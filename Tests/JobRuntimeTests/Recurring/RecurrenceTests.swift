import Foundation
import JobRuntime
import Testing

@Suite struct RecurrenceTests {
    @Test(
        arguments: [
            (0, 60_000), (1, 60_000), (59_999, 60_000), (60_000, 120_000), (60_001, 120_000), (-5, 60_000),
            (1_700_000_000_000, 1_700_000_040_000), (.min, 60_000),
        ] as [(Int64, Int64)])
    func anIntervalIsAlignedToTheEpoch(after: Int64, next: Int64) throws {
        #expect(try Recurrence.every(.seconds(60)).next(after: after) == next)
    }

    @Test(arguments: [(0, 15_000), (14_999, 15_000), (15_000, 75_000), (75_000, 135_000)] as [(Int64, Int64)])
    func anOffsetShiftsIt(after: Int64, next: Int64) throws {
        #expect(try Recurrence.every(.seconds(60), offset: .seconds(15)).next(after: after) == next)
    }

    @Test(
        arguments: [
            .zero, .seconds(-1), .microseconds(1500), .nanoseconds(1), .seconds(3651 * 86_400), .seconds(Int64.max),
        ] as [Duration])
    func anIntervalThatIsNoneIsRefused(interval: Duration) {
        #expect(throws: RecurrenceError.interval(interval)) { try Recurrence.every(interval) }
    }

    @Test(arguments: [.seconds(-1), .seconds(60), .seconds(61), .microseconds(1), .seconds(Int64.min)] as [Duration])
    func anOffsetThatIsNoneIsRefused(offset: Duration) {
        #expect(throws: RecurrenceError.offset(offset)) { try Recurrence.every(.seconds(60), offset: offset) }
    }

    @Test func theShortestAndTheLongestIntervalAreTaken() throws {
        #expect(try Recurrence.every(.milliseconds(1)).next(after: 7) == 8)
        #expect(try Recurrence.every(.seconds(3650 * 86_400)).next(after: 1) == 315_360_000_000)
    }

    @Test func aTickIsLaterThanTheMillisecondAskedAfter() throws {
        let everySecond = Recurrence.cron(try CronExpression("* * * * * *"))
        #expect(everySecond.next(after: 999) == 1000)
        #expect(everySecond.next(after: 1000) == 2000)
        #expect(everySecond.next(after: 1001) == 2000)
        #expect(everySecond.count(after: 999, through: 1999) == 1)
        #expect(everySecond.count(after: 1000, through: 1999) == 0)
    }

    @Test(arguments: [
        try Recurrence.every(.milliseconds(1)), .cron(try CronExpression("* * * * * *")),
    ])
    func thereIsNothingAfterTheEndOfTime(recurrence: Recurrence) throws {
        let end = try moment("9999-12-31T23:59:59Z")
        #expect(recurrence.next(after: end - 1000) != nil)
        #expect(recurrence.next(after: end + 999) == nil)
        #expect(recurrence.next(after: .max) == nil)
        #expect(recurrence.ticks(after: .max, through: .max, limit: 3) == ([], 0))
        #expect(recurrence.ticks(after: end - 1, through: .max, limit: 1).latest.count == 1)
    }

    @Test func theLatestTicksAreKeptAndTheEarlierCounted() throws {
        let minutely = try Recurrence.every(.seconds(60))
        #expect(minutely.ticks(after: 0, through: 300_000, limit: 2) == ([240_000, 300_000], 3))
        #expect(minutely.ticks(after: 0, through: 299_999, limit: 2) == ([180_000, 240_000], 2))
        #expect(
            minutely.ticks(after: 0, through: 300_000, limit: 9) == ([60_000, 120_000, 180_000, 240_000, 300_000], 0))
        #expect(minutely.ticks(after: 0, through: 300_000, limit: 0) == ([], 5))
        #expect(minutely.ticks(after: 0, through: 300_000, limit: -1) == ([], 5))
        #expect(minutely.ticks(after: 60_000, through: 119_999, limit: 5) == ([], 0))
        #expect(minutely.ticks(after: 300_000, through: 0, limit: 5) == ([], 0))
        #expect(minutely.ticks(after: .min, through: .max, limit: 1) == ([253_402_300_740_000], 4_223_371_678))
    }

    /// A loop over these ticks would take longer than the test may.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            (try Recurrence.every(.milliseconds(1)), 1_800_000_000_000, 1),
            (.cron(try CronExpression("* * * * * *")), 1_800_000_000, 1000),
            (.cron(try CronExpression("* * * * * *"), timeZone: try .named("Europe/Berlin")), 1_800_000_000, 1000),
        ] as [(Recurrence, Int, Int64)])
    func moreThanABillionTicksAreCountedWithoutALoop(recurrence: Recurrence, total: Int, step: Int64) {
        let end: Int64 = 1_800_000_000_000
        let (latest, earlier) = recurrence.ticks(after: 0, through: end, limit: 3)
        #expect(latest == [end - 2 * step, end - step, end])
        #expect(earlier == total - 3)
    }
}
