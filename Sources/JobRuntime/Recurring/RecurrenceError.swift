/// Why a duration makes no ``Recurrence``.
public enum RecurrenceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not whole milliseconds, or less than one, or more than ten years of 365 days.
    case interval(Duration)

    /// Not whole milliseconds, or negative, or as long as the interval.
    case offset(Duration)

    public var description: String {
        switch self {
        case .interval(let found):
            "interval: expected whole milliseconds, from 1 ms to ten years, found \(found)"
        case .offset(let found):
            "offset: expected whole milliseconds, from 0 to less than the interval, found \(found)"
        }
    }
}
