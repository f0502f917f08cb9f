import Messaging

/// The date of a mail (RFC 5322 section 3.3).
enum MailDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sat, 28 Feb 2026 23:59:59 +0000`, in UTC.
    static func string(unixMilliseconds: Int64) -> String {
        let moment = min(max(unixMilliseconds, RFC3339.range.lowerBound), RFC3339.range.upperBound)
        // 2026-02-28T23:59:59.042Z
        let text = RFC3339.string(unixMilliseconds: moment)
        let date = text.prefix(10).split(separator: "-")
        // 1970-01-01 was a Thursday.
        let days = moment / 86_400_000 - (moment % 86_400_000 < 0 ? 1 : 0)
        let weekday = weekdays[Int((days % 7 + 7) % 7)]
        let month = months[(Int(date[1]) ?? 1) - 1]
        return "\(weekday), \(date[2]) \(month) \(date[0]) \(text.dropFirst(11).prefix(8)) +0000"
    }
}
