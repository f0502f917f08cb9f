import Crypto
import JobRuntime
public import Messaging
import Postgres

/// All that two addresses say to each other over one channel; of each tenant a conversation of its own.
public struct Conversation: Hashable, Sendable {
    public let channel: Channel
    /// The address that comes first in the order of bytes.
    public let low: String
    public let high: String
    public let tenant: String?

    /// Whoever of the two wrote.
    public init(_ channel: Channel, between one: String, and other: String, tenant: String? = nil) {
        self.channel = channel
        self.tenant = tenant
        (low, high) = one.utf8.lexicographicallyPrecedes(other.utf8) ? (one, other) : (other, one)
    }

    /// Follows from the channel, the pair and the tenant (a UUID of version 8, RFC 9562): nobody has to look for it.
    public var id: ConversationID {
        var hash = SHA256()
        // No address has a line break in it, and the tenant is the last.
        let texts = [channel.rawValue, "\n", low, "\n", high] + (tenant.map { ["\n", $0] } ?? [])
        for text in texts { hash.update(data: Array(text.utf8)) }
        let bytes = Array(hash.finalize())
        func half(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return ConversationID(
            high: half(bytes[0..<8]) & ~0xF000 | 0x8000, low: half(bytes[8..<16]) & (.max >> 2) | 0b10 << 62)
    }
}

/// The identity of a conversation. As text it is a UUID.
public struct ConversationID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
}

extension ConversationID: LosslessStringConvertible {
    /// Reads the canonical 36 characters, in either case.
    public init?(_ description: String) {
        guard let uuid = PostgresUUID(description) else { return nil }
        self.init(high: uuid.high, low: uuid.low)
    }

    public var description: String { PostgresUUID(self).description }
}

/// What some messages change in their conversation.
struct ConversationChange: Equatable, Sendable {
    var id: ConversationID
    var conversation: Conversation
    var first: JobID
    var last: JobID

    /// - Parameter messages: in the order of their ids.
    static func all(of messages: [MessageChange]) -> [ConversationChange] {
        var changes: [Conversation: ConversationChange] = [:]
        changes.reserveCapacity(messages.count)
        for message in messages {
            guard let conversation = message.conversation else { continue }
            if changes[conversation] != nil {
                changes[conversation]?.last = message.id
            } else {
                changes[conversation] = ConversationChange(
                    id: conversation.id, conversation: conversation, first: message.id, last: message.id)
            }
        }
        return changes.values.sorted { ($0.id.high, $0.id.low) < ($1.id.high, $1.id.low) }
    }
}

extension MessageChange {
    var conversation: Conversation? {
        guard let channel, let acceptance else { return nil }
        return Conversation(channel, between: acceptance.sender, and: acceptance.recipient, tenant: acceptance.tenant)
    }
}
