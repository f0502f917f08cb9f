import Testing

@testable import JobRuntime

@Suite struct CronExpressionTests {
    private static func numbers(_ values: CronValues) -> [Int] { (0...63).filter(values.contains) }

    @Test(arguments: [
        ("7", [7]),
        ("59,0", [0, 59]),
        ("10-12", [10, 11, 12]),
        ("*/20", [0, 20, 40]),
        ("10-40/10", [10, 20, 30, 40]),
        ("5/15", [5, 20, 35, 50]),
        ("3-3,50-59/5,1", [1, 3, 50, 55]),
        ("*/59", [0, 59]),
        ("05", [5]),
        ("*", Array(0...59)),
    ])
    func aMinuteFieldIsTheNumbersItNames(text: String, minutes: [Int]) throws {
        #expect(Self.numbers(try CronExpression("\(text) * * * *").minutes) == minutes)
    }

    @Test(arguments: [
        ("SUN", [0]), ("7", [0]), ("0", [0]), ("SUN-SUN", [0]), ("mon-Fri", [1, 2, 3, 4, 5]), ("FRI-SUN", [0, 5, 6]),
        ("5-7", [0, 5, 6]),
        ("0-7", Array(0...6)), ("*/2", [0, 2, 4, 6]), ("*/7", [0]), ("TUE,4", [2, 4]), ("1/3", [1, 4]),
        ("*", Array(0...6)),
    ])
    func sundayHasTwoNumbersAndEveryDayAName(text: String, days: [Int]) throws {
        #expect(Self.numbers(try CronExpression("0 0 * * \(text)").daysOfWeek) == days)
    }

    @Test func monthsHaveNamesAndTheMonthALastDay() throws {
        let quarters = try CronExpression("0 0 L,15 jan,APR,7-DEC/3 *")
        #expect(Self.numbers(quarters.months) == [1, 4, 7, 10])
        #expect(Self.numbers(quarters.daysOfMonth) == [15, CronValues.lastDay])
    }

    @Test func fiveFieldsMeanTheFirstSecondAndSixSayWhich() throws {
        #expect(Self.numbers(try CronExpression("1 2 3 4 5").seconds) == [0])
        let six = try CronExpression("*/30 1 2 3 4 5")
        #expect(Self.numbers(six.seconds) == [0, 30])
        #expect(Self.numbers(six.minutes) == [1])
        #expect(Self.numbers(six.hours) == [2])
        #expect(Self.numbers(six.daysOfMonth) == [3])
        #expect(Self.numbers(six.months) == [4])
        #expect(Self.numbers(six.daysOfWeek) == [5])
    }

    @Test(arguments: [
        ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"), ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"), ("@Midnight", "0 0 * * *"), ("@HOURLY", "0 * * * *"),
    ])
    func aMacroStandsForItsFields(macro: String, fields: String) throws {
        let (short, long) = try (CronExpression(macro), CronExpression(fields))
        #expect(short.description == macro)
        #expect(
            [short.seconds, short.minutes, short.hours, short.daysOfMonth, short.months, short.daysOfWeek]
                == [long.seconds, long.minutes, long.hours, long.daysOfMonth, long.months, long.daysOfWeek])
        #expect(short.needsBothDays == long.needsBothDays)
    }

    @Test func theDescriptionIsTheTextAndReadsAsTheSame() throws {
        let expression = try CronExpression("  */5 \t9-17  *  * mon-FRI\n")
        #expect(expression.description == "*/5 9-17 * * mon-FRI")
        #expect(try CronExpression(expression.description) == expression)
    }

    @Test(
        arguments: [
            ("60 * * * *", .minute, "60", "a number from 0 to 59"),
            ("60 0 * * * *", .second, "60", "a number from 0 to 59"),
            ("* 24 * * *", .hour, "24", "a number from 0 to 23"),
            ("* * 0 * *", .dayOfMonth, "0", "a number from 1 to 31 or L"),
            ("* * 32 * *", .dayOfMonth, "32", "a number from 1 to 31 or L"),
            ("* * l-5 * *", .dayOfMonth, "l-5", "a range that does not end before it begins"),
            ("* * L/2 * *", .dayOfMonth, "L", "a range that does not end before it begins"),
            (
                "* * * Mai *", .month, "Mai",
                "a number from 1 to 12 or JAN, FEB, MAR, APR, MAY, JUN, JUL, AUG, SEP, OCT, NOV, DEC"
            ),
            ("* * * * 8", .dayOfWeek, "8", "a number from 0 to 7 or SUN, MON, TUE, WED, THU, FRI, SAT"),
            ("* * * * SUNDAY", .dayOfWeek, "SUNDAY", "a number from 0 to 7 or SUN, MON, TUE, WED, THU, FRI, SAT"),
            ("* * * * L", .dayOfWeek, "L", "a number from 0 to 7 or SUN, MON, TUE, WED, THU, FRI, SAT"),
            ("1,,2 * * * *", .minute, "", "a number from 0 to 59"),
            ("1, * * * *", .minute, "", "a number from 0 to 59"),
            ("-5 * * * *", .minute, "", "a number from 0 to 59"),
            ("+5 * * * *", .minute, "+5", "a number from 0 to 59"),
            ("1--0 * * * *", .minute, "-0", "a number from 0 to 59"),
            ("٥ * * * *", .minute, "٥", "a number from 0 to 59"),
            ("99999999999999999999 * * * *", .minute, "99999999999999999999", "a number from 0 to 59"),
            ("*-5 * * * *", .minute, "*", "a number from 0 to 59"),
            ("9-5 * * * *", .minute, "9-5", "a range that does not end before it begins"),
            ("*/0 * * * *", .minute, "0", "a step from 1 to 59"),
            ("*/90 * * * *", .minute, "90", "a step from 1 to 59"),
            ("*/ * * * *", .minute, "", "a step from 1 to 59"),
            ("*/5/5 * * * *", .minute, "5/5", "a step from 1 to 59"),
            ("* * * * */8", .dayOfWeek, "8", "a step from 1 to 7"),
        ] as [(String, CronField, String, String)])
    func whatDoesNotBelongIsNamedWithItsField(text: String, field: CronField, found: String, expected: String) {
        #expect(throws: CronExpressionError.field(field, found: found, expected: expected)) {
            try CronExpression(text)
        }
    }

    @Test(arguments: [("", 0), ("* * * *", 4), ("* * * * * * *", 7)])
    func fieldsAreCounted(text: String, count: Int) {
        #expect(throws: CronExpressionError.fieldCount(count)) { try CronExpression(text) }
    }

    @Test(arguments: ["@reboot", "@", "@daily 5"])
    func anUnknownMacroIsRefused(text: String) {
        #expect(throws: CronExpressionError.unknownMacro(text)) { try CronExpression(text) }
    }

    @Test(arguments: ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30-31 FEB *", "0 0 31 4 */2"])
    func aDayThatNoMonthHasIsRefused(text: String) {
        #expect(throws: CronExpressionError.neverMatches(text)) { try CronExpression(text) }
    }

    @Test(arguments: ["0 0 29 2 *", "0 0 30 2 MON", "0 0 L 2 *", "0 0 30,L 2 *", "0 0 31 2,3 *", "0 0 */30 2 *"])
    func aDayThatSomeMonthHasIsNotRefused(text: String) throws {
        #expect(Recurrence.cron(try CronExpression(text)).next(after: 0) != nil)
    }

    @Test func anErrorReadsAsASentence() {
        let error = CronExpressionError.field(.dayOfMonth, found: "32", expected: "a number from 1 to 31 or L")
        #expect(error.description == "day of month: expected a number from 1 to 31 or L, found \"32\"")
        #expect(
            CronExpressionError.fieldCount(4).description == "a cron expression has 5 fields, or 6 with seconds, not 4")
    }
}
