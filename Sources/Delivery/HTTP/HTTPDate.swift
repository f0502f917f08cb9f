/// The dates of HTTP. Source: RFC 9110, section 5.6.7, which has recipients read three formats:
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The date in Unix seconds, or nil where the text is none of the formats.
    ///
    /// - Parameter now: Unix seconds; a year of two digits that seems more than 50 years ahead is in the past.
    static func parse(_ text: String, now: Int64) -> Int64? {
        let parts = text.split { $0 == " " || $0 == "," || $0 == "-" }
        let (day, month, year, time): (Substring, Substring, Substring, Substring)
        if parts.count == 6, parts[5] == "GMT" {
            (day, month, year, time) = (parts[1], parts[2], parts[3], parts[4])
        } else if parts.count == 5 {
            (day, month, year, time) = (parts[2], parts[1], parts[4], parts[3])
        } else {
            return nil
        }
        guard let day = number(day, in: 1...31), let month = months.firstIndex(of: String(month)),
            let number = number(year, in: 0...9999), let seconds = secondsOfDay(time)
        else { return nil }
        guard year.count == 2 else { return unixDays(number, month + 1, day) * 86_400 + seconds }
        let date = unixDays(2000 + number, month + 1, day) * 86_400 + seconds
        return date <= now + 50 * 31_556_952 ? date : unixDays(1900 + number, month + 1, day) * 86_400 + seconds
    }

    private static func secondsOfDay(_ time: Substring) -> Int64? {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hours = number(parts[0], in: 0...23), let minutes = number(parts[1], in: 0...59),
            let seconds = number(parts[2], in: 0...60)
        else { return nil }
        return (hours * 60 + minutes) * 60 + seconds
    }

    private static func number(_ text: Substring, in range: ClosedRange<Int64>) -> Int64? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let value = Int64(text), range.contains(value)
        else { return nil }
        return value
    }

    /// Days since 1970-01-01 in the Gregorian calendar. Source: Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms", days_from_civil: years that begin in March put the leap day last.
    private static func unixDays(_ year: Int64, _ month: Int, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * Int64(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
