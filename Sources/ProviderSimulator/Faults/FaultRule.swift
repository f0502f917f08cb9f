import Foundation

/// A fault that the control API set for requests in general.
struct FaultRule: Sendable, Codable, Identifiable {
    var id = UUID()
    /// nil: all providers.
    var provider: Provider?
    /// In a directive's syntax; `times` and `burst` count requests here, not attempts of one message.
    var fault: String
    /// From 0 to 1, drawn for each request.
    var probability: Double?
    /// Only messages to this recipient.
    var to: String?
    /// Only messages with this in their body.
    var contains: String?
    /// When it ends; nil: never.
    var until: Date?
    /// Requests it will still be played for; nil: for ever.
    var remaining: Int?
    /// Requests it was asked about, for its bursts.
    var asked = 0

    /// Counts a request.
    ///
    /// - Returns: whether the request meets the fault.
    mutating func meets(_ arrival: Arrival, burst: Directive.Burst?) -> Bool {
        if remaining == 0 { return false }
        if let provider, arrival.provider != provider { return false }
        if let to, arrival.to != to { return false }
        if let contains, !arrival.body.contains(contains) { return false }
        if let until, arrival.at >= until { return false }
        if let probability, Double.random(in: 0..<1) >= probability { return false }
        if let burst {
            defer { asked += 1 }
            if asked % burst.period >= burst.length { return false }
        }
        if let remaining { self.remaining = remaining - 1 }
        return true
    }
}
