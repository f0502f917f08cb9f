public import JobRuntime
public import Ledger

/// What became of the wish to erase an address.
public struct ErasureReport: Encodable, CustomStringConvertible {
    private let messages: Int
    private let conversations: Int
    private let endpoints: Int
    private let rejectedEvents: Int
    private let suppressions: Int
    private let records: Int
    private let deadLetters: Int
    private let canceled: Int
    private let left: [JobID]

    public var isComplete: Bool { left.isEmpty }

    /// - Parameters:
    ///   - records: how many records in Redis have lost their texts.
    ///   - suppressions: how many entries of the suppression list are gone.
    ///   - left: messages that are being sent.
    public init(
        _ tally: LedgerErasure.Tally, records: Int, deadLetters: Int, canceled: Int, suppressions: Int, left: [JobID]
    ) {
        (messages, conversations, endpoints) = (tally.messages, tally.conversations, tally.endpoints)
        rejectedEvents = tally.rejectedEvents
        self.suppressions = suppressions
        self.records = records
        self.deadLetters = deadLetters
        self.canceled = canceled
        self.left = left
    }

    public var description: String {
        let counts = [
            (messages, "messages"), (conversations, "conversations"), (endpoints, "endpoints"),
            (rejectedEvents, "rejected events"), (records, "records in Redis"), (deadLetters, "dead letters"),
            (suppressions, "suppressions"),
        ]
        let erased = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        var text = erased.isEmpty ? "Nothing was there to erase." : "Erased: \(erased.joined(separator: ", "))."
        if canceled > 0 { text += " Canceled before: \(canceled)." }
        if !left.isEmpty {
            text += "\nBeing sent, and left as they are: \(left.map(\.description).joined(separator: ", "))"
        }
        return text
    }

    private enum CodingKeys: String, CodingKey {
        case messages, conversations, endpoints, suppressions, records, canceled, left
        case rejectedEvents = "rejected_events"
        case deadLetters = "dead_letters"
    }
}
