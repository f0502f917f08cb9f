import Foundation

/// A fault that the control API set for requests in general.
struct FaultRule: Sendable, Codable, Identifiable {
    var id = UUID()
    /// nil: all providers.
    var provider: Provider?
    /// In a directive's syntax; `times` counts requests here, not attempts of one message.
    var fault: String
    /// From 0 to 1, drawn for each request.
    var probability: Double?
    /// Only messages to this recipient.
    var to: String?
    /// Only messages with this in their body.
    var contains: String?
    /// Requests it will still be played for; nil: for ever.
    var remaining: Int?

    func matches(_ arrival: Arrival) -> Bool {
        if remaining == 0 { return false }
        if let provider, arrival.provider != provider { return false }
        if let to, arrival.to != to { return false }
        if let contains, !arrival.body.contains(contains) { return false }
        guard let probability else { return true }
        return Double.random(in: 0..<1) < probability
    }
}
