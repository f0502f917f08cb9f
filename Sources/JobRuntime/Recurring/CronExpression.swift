/// When something recurs, as a crontab line says it: a set of readings of a wall clock.
///
/// Five fields (minute, hour, day of month, month, day of week), or six with the second before them. A field is `*` or a
/// list of numbers, names (`JAN`, `MON`, in any case) and ranges, each with a step if need be (`*/5`, `10-40/10`, `5/15`:
/// from 5 to the end). Sunday is 0 or 7; `L` is the last day of the month. `@yearly`, `@annually`, `@monthly`, `@weekly`,
/// `@daily`, `@midnight` and `@hourly` are known as well.
///
/// When both day fields are restricted, a day that meets either is enough; when one of them begins with `*`, a day has to
/// meet both. Source: crontab(5) of Vixie cron.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    let seconds: CronValues
    let minutes: CronValues
    let hours: CronValues
    let daysOfMonth: CronValues
    let months: CronValues
    let daysOfWeek: CronValues

    /// Whether a day has to meet both day fields rather than either.
    let needsBothDays: Bool

    /// The expression as it was written, with single spaces.
    public let description: String

    /// Reads an expression; refuses one that is no such, and one that no day of any year can meet.
    public init(_ text: String) throws(CronExpressionError) {
        let written = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        description = written
        var fields = try Self.spelledOut(written).split(separator: " ")
        if fields.count == 5 { fields.insert("0", at: 0) }
        guard fields.count == 6 else { throw .fieldCount(fields.count) }
        seconds = try CronField.second.values(in: fields[0])
        minutes = try CronField.minute.values(in: fields[1])
        hours = try CronField.hour.values(in: fields[2])
        daysOfMonth = try CronField.dayOfMonth.values(in: fields[3])
        months = try CronField.month.values(in: fields[4])
        daysOfWeek = try CronField.dayOfWeek.values(in: fields[5])
        needsBothDays = fields[3].hasPrefix("*") || fields[5].hasPrefix("*")
        guard canMatch else { throw .neverMatches(written) }
    }

    private static let macros = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private static func spelledOut(_ text: String) throws(CronExpressionError) -> String {
        guard text.hasPrefix("@") else { return text }
        guard let fields = macros[text.lowercased()] else { throw .unknownMacro(text) }
        return fields
    }

    /// Every date falls on every day of the week in some year, so only a day that its months lack never comes.
    private var canMatch: Bool {
        guard needsBothDays, !daysOfMonth.contains(CronValues.lastDay) else { return true }
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return longest.indices.contains { months.contains($0 + 1) && daysOfMonth.count(below: longest[$0] + 1) > 0 }
    }
}
