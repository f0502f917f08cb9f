/// The values a field of a ``CronExpression`` allows: a set of small numbers, held as bits.
struct CronValues: Sendable, Hashable {
    private var bits: UInt64 = 0

    /// The day of the month that `L` stands for: one that no month has.
    static let lastDay = 32

    mutating func insert(_ value: Int) { bits |= 1 << value }

    func contains(_ value: Int) -> Bool { bits >> value & 1 == 1 }

    var count: Int { bits.nonzeroBitCount }

    /// How many values are smaller than `value`.
    func count(below value: Int) -> Int { (bits & ~(.max << value)).nonzeroBitCount }

    /// The smallest value that is not smaller than `value`.
    func first(from value: Int) -> Int? {
        let rest = bits & .max << value
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}
