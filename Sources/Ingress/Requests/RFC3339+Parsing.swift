import Messaging

extension RFC3339 {
    /// The Unix milliseconds of a `date-time` (RFC 3339 section 5.6), what is finer cut off; nil where the text is none.
    /// Leap seconds are not taken: no clock of ours has them.
    static func unixMilliseconds(_ text: String) -> Int64? {
        var reader = DigitReader(rest: Array(text.utf8)[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2, in: 1...12),
            reader.skip("-"), let day = reader.number(2, in: 1...daysOfMonth(month, year)), reader.skip("Tt"),
            let hour = reader.number(2, in: 0...23), reader.skip(":"), let minute = reader.number(2, in: 0...59),
            reader.skip(":"), let second = reader.number(2, in: 0...59), let fraction = reader.milliseconds(),
            let offset = reader.offset(), reader.rest.isEmpty
        else { return nil }
        let minutes = (daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute - offset
        return (minutes * 60 + second) * 1000 + fraction
    }

    private static func daysOfMonth(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// By Howard Hinnant's `days_from_civil` (https://howardhinnant.github.io/date_algorithms.html), years from 0.
    private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // The years begin in March. Four centuries more keep the year 0 from a negative one.
        let year = year + 400 - (month <= 2 ? 1 : 0)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear
        return days - 146_097 - 719_468
    }
}

/// Takes numbers of a fixed width from the front of a text.
private struct DigitReader {
    var rest: ArraySlice<UInt8>

    mutating func number(_ width: Int, in range: ClosedRange<Int64> = 0...9999) -> Int64? {
        let digits = rest.prefix(width)
        guard digits.count == width, digits.allSatisfy(Self.isDigit) else { return nil }
        rest.removeFirst(width)
        let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        return range.contains(value) ? value : nil
    }

    /// Passes over one of these characters.
    mutating func skip(_ characters: String) -> Bool {
        guard let byte = rest.first, characters.utf8.contains(byte) else { return false }
        rest.removeFirst()
        return true
    }

    /// The fraction of a second, which may be absent.
    mutating func milliseconds() -> Int64? {
        guard skip(".") else { return 0 }
        let digits = rest.prefix(while: Self.isDigit)
        rest = rest[digits.endIndex...]
        guard !digits.isEmpty else { return nil }
        return [100, 10, 1].enumerated().reduce(Int64(0)) { sum, place in
            place.offset < digits.count
                ? sum + Int64(digits[digits.startIndex + place.offset] - UInt8(ascii: "0")) * place.element : sum
        }
    }

    /// How many minutes the clock is ahead of UTC.
    mutating func offset() -> Int64? {
        if skip("Zz") { return 0 }
        let isBehind = rest.first == UInt8(ascii: "-")
        guard skip("+-"), let hours = number(2, in: 0...23), skip(":"), let minutes = number(2, in: 0...59) else {
            return nil
        }
        return (isBehind ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
