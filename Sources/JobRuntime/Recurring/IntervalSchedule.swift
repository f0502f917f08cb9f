/// Every so many milliseconds since 1970, and an offset: processes that have never talked agree on it.
struct IntervalSchedule: Sendable, Hashable {
    /// Milliseconds, more than none.
    let length: Int64

    /// Milliseconds, less than the length.
    let offset: Int64

    func next(after: Int64, through: Int64) -> Int64? {
        let next = (number(at: after) + 1) * length + offset
        return next <= through ? next : nil
    }

    func count(after: Int64, through: Int64) -> Int { Int(number(at: through) - number(at: after)) }

    /// The number of the last tick up to a moment of 1970 or later; the first is 0.
    private func number(at moment: Int64) -> Int64 {
        moment < offset ? -1 : (moment - offset) / length
    }
}
