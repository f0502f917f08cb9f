/// How many requests may come in any stretch of time of a length.
package struct RateLimit: Sendable, Hashable {
    package static let syntax = "requests/seconds such as 600/60, or a number per unit: 50/s, 3000/m, 100000/h"

    package var requests: Int
    /// How long the stretch is, in seconds.
    package var period: Int

    package init(requests: Int, period: Int) {
        self.requests = requests
        self.period = period
    }

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let requests = Int(parts[0]), Self.requests.contains(requests) else { return nil }
        let units = ["s": 1, "m": 60, "h": 3600]
        guard let period = units[String(parts[1])] ?? Int(parts[1]), Self.periods.contains(period) else { return nil }
        self.init(requests: requests, period: period)
    }

    package static let requests = 1...1_000_000_000
    /// Up to a day.
    package static let periods = 1...86_400
}

extension RateLimit: CustomStringConvertible {
    package var description: String { "\(requests)/\(period)" }
}

/// How many messages may be accepted in each hour, day or month of the calendar, in UTC.
package struct Quota: Sendable, Hashable {
    package static let syntax = "a number of messages per unit: 5000/h, 100000/d, 2000000/month"

    package enum Unit: String, Sendable, CaseIterable {
        case hour = "h"
        case day = "d"
        case month
    }

    package var messages: Int
    package var unit: Unit

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let messages = Int(parts[0]), (1...1_000_000_000_000).contains(messages),
            let unit = Unit(rawValue: String(parts[1]))
        else { return nil }
        self.messages = messages
        self.unit = unit
    }
}

extension Quota: CustomStringConvertible {
    package var description: String { "\(messages)/\(unit.rawValue)" }
}
