// Postgres's binary form of values: big-endian, each with a length in front where they stand in a row.

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    /// Nil unless it is exactly such a number.
    func bigEndian<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        count == MemoryLayout<Number>.size ? Number(bigEndian: loadUnaligned(as: Number.self)) : nil
    }
}

/// Postgres's time, microseconds since 2000, and ours, milliseconds since 1970.
enum TimeForm {
    private static let epoch: Int64 = 946_684_800_000

    /// A time that Postgres cannot hold becomes one that it refuses as out of range, and never its "infinity", whose
    /// form are the two outermost numbers.
    static func postgres(unixMilliseconds: Int64) -> Int64 {
        let (since, overflows) = unixMilliseconds.subtractingReportingOverflow(epoch)
        let (micros, overflowsToo) = since.multipliedReportingOverflow(by: 1000)
        guard overflows || overflowsToo else { return micros }
        return unixMilliseconds < 0 ? .min + 1 : .max - 1
    }

    /// Rounded down. Nil for infinity.
    static func unixMilliseconds(postgres micros: Int64) -> Int64? {
        guard micros != .max, micros != .min else { return nil }
        let (quotient, remainder) = micros.quotientAndRemainder(dividingBy: 1000)
        return quotient + epoch - (remainder < 0 ? 1 : 0)
    }
}
