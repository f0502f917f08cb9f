import JobRuntime
import Ledger
import Messaging

/// What the ledger knows, as the HTTP API shows it.
enum LedgerView {
    static func write(_ message: LedgerMessage, withTimeline: Bool = false, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", message.id.description)
        writer.key("type")
        if let channel = message.channel { writer.string(channel.rawValue) } else { writer.null() }
        writeContent(of: message, to: &writer)
        if let priority = message.priority { writer.member("priority", priority.rawValue) }
        writer.member("status", message.status.rawValue)
        writer.member("created_at", time: message.acceptedAt ?? message.id.milliseconds)
        writer.key("sent_at")
        if let sentAt = message.sentAt { writer.time(sentAt) } else { writer.null() }
        writer.member("attempts", message.attempts)
        writeKinship(message.status.direction, message.conversation, to: &writer)
        writeOutcome(of: message, to: &writer)
        if withTimeline {
            writer.key("timeline")
            writer.beginArray()
            if let acceptedAt = message.acceptedAt { Timeline.writeAcceptance(at: acceptedAt, to: &writer) }
            Timeline.write(message.timeline, to: &writer)
            writer.endArray()
        }
        writer.endObject()
    }

    static func write(_ conversation: LedgerConversation, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", conversation.id.description)
        writer.member("type", conversation.channel.rawValue)
        writer.member("participants", conversation.participants)
        writer.member("first_message", conversation.firstMessage.description)
        writer.member("first_message_at", time: conversation.firstMessage.milliseconds)
        writer.member("last_message", conversation.lastMessage.description)
        writer.member("last_message_at", time: conversation.lastMessage.milliseconds)
        writer.endObject()
    }

    static func writeKinship(_ direction: Direction, _ conversation: ConversationID?, to writer: inout JSONWriter) {
        writer.member("direction", direction.rawValue)
        writer.key("conversation_id")
        if let conversation { writer.string(conversation.description) } else { writer.null() }
    }

    /// The members of the message as it was accepted.
    static func writeContent(of message: LedgerMessage, to writer: inout JSONWriter) {
        if let redactedAt = message.redactedAt {
            writer.key("from")
            if let sender = message.sender { writer.string(sender) } else { writer.null() }
            writer.key("to")
            if let recipient = message.recipient { writer.string(recipient) } else { writer.null() }
            writer.key("body")
            writer.null()
            writer.member("redacted_at", time: redactedAt)
        } else if let content = message.content {
            // It was read when it was accepted; what could not be read is left out all the same.
            try? copyMembers(of: content, to: &writer)
        }
    }

    private static func copyMembers(of content: String, to writer: inout JSONWriter) throws(JSONSyntaxError) {
        var scanner = JSONScanner(content)
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            _ = try scanner.peek()
            let start = scanner.position
            try scanner.skipValue()
            switch name {
            // A message to us has its provider's name for it and its type beside its members.
            case "id": writer.key("provider_message_id")
            case "type": continue
            default: writer.key(text: name)
            }
            writer.json(String(decoding: scanner.bytes[start..<scanner.position], as: UTF8.self))
        }
    }

    /// What only some statuses have.
    private static func writeOutcome(of message: LedgerMessage, to writer: inout JSONWriter) {
        guard case .outbound(let status) = message.status else { return }
        let wasSent = status.rank >= MessageStatus.sent.rank
        if let due = message.nextAttemptAt, !status.isSettled { writer.member("next_attempt_at", time: due) }
        if let reason = message.reason, !wasSent { writer.member("reason", reason) }
        if let result = message.result, wasSent {
            writer.key("result")
            writer.json(result)
        }
        // As in a record: the error of an earlier attempt says nothing of a message that was sent after all.
        if let error = message.error, !wasSent { writer.member("error", error) }
    }
}

extension LedgerNews {
    /// What a timeline calls it.
    var name: String {
        switch type {
        case "redriven", "restored", "dropped": type
        default: status?.rawValue ?? type
        }
    }
}
