/// Moments as text (RFC 3339), without a date formatter: the ingress writes one into each answer.
public enum RFC3339 {
    /// The first and last millisecond that four digits of year can tell; anything outside is shown as the nearer one.
    public static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// `2026-02-28T23:59:59.042Z`, UTC, always with three digits of milliseconds and always 24 characters, so that
    /// texts sort as their moments do.
    public static func string(unixMilliseconds: Int64) -> String {
        let moment = min(max(unixMilliseconds, range.lowerBound), range.upperBound)
        let (days, time) = floorDivided(moment, by: 86_400_000)
        let date = civilDate(daysSinceEpoch: days)
        let text = String(unsafeUninitializedCapacity: 24) { buffer in
            var digits = FixedDigits(buffer: buffer)
            digits.put(date.year, width: 4, then: "-")
            digits.put(date.month, width: 2, then: "-")
            digits.put(date.day, width: 2, then: "T")
            digits.put(time / 3_600_000, width: 2, then: ":")
            digits.put(time / 60_000 % 60, width: 2, then: ":")
            digits.put(time / 1000 % 60, width: 2, then: ".")
            digits.put(time % 1000, width: 3, then: "Z")
            return digits.position
        }
        return text
    }

    /// The date of the proleptic Gregorian calendar, by Howard Hinnant's `civil_from_days`
    /// (https://howardhinnant.github.io/date_algorithms.html): eras of 400 years that begin on a first of March.
    private static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivided(daysSinceEpoch + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func floorDivided(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Puts numbers of a fixed width side by side.
private struct FixedDigits {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var position = 0

    init(buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    mutating func put(_ value: Int64, width: Int, then separator: Unicode.Scalar) {
        var rest = value
        for place in stride(from: position + width - 1, through: position, by: -1) {
            buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        buffer[position + width] = UInt8(ascii: separator)
        position += width + 1
    }
}
