/// Why a text is no cron expression.
public enum CronExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither five nor six fields.
    case fieldCount(Int)

    /// Begins with `@` and is none of the known names.
    case unknownMacro(String)

    /// What stands in a field is not what was expected there.
    case field(CronField, found: String, expected: String)

    /// Well written, but no day of any year is meant, such as 30 February.
    case neverMatches(String)

    public var description: String {
        switch self {
        case .fieldCount(let count):
            "a cron expression has 5 fields, or 6 with seconds, not \(count)"
        case .unknownMacro(let name):
            "no such name: \(name) (known: @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly)"
        case .field(let field, let found, let expected):
            "\(field.rawValue): expected \(expected), found \"\(found)\""
        case .neverMatches(let expression):
            "\(expression) never comes: none of its months has such a day"
        }
    }
}
