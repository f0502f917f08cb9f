import JobRuntime
import Ledger
import Messaging
import NIOCore
import NIOFoundationCompat

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A message as the record of its job has it.
struct StoredMessage {
    let record: JobRecord
    let channel: Messaging.Channel
    /// nil: the payload is gone, or not of the channel's type, as one written by another version may be.
    let message: Message?
    let extras: Extras?

    /// What stands in a payload beside the message's members; see ``Submission``.
    struct Extras: Decodable {
        var sendAt: String?
        var expiresAt: String?
        var tenant: String?

        private enum CodingKeys: String, CodingKey {
            case tenant
            case sendAt = "send_at"
            case expiresAt = "expires_at"
        }
    }

    init(_ record: JobRecord, channel: Messaging.Channel) {
        self.record = record
        self.channel = channel
        message = record.payload.flatMap { Message(channel: channel, json: $0) }
        extras = record.payload.flatMap { try? JSONDecoder().decode(Extras.self, from: $0) }
    }

    var conversation: ConversationID? {
        message.map {
            Conversation(channel, between: $0.payload.from, and: $0.payload.to, tenant: extras?.tenant).id
        }
    }
}

extension Message {
    fileprivate var payload: any MessagePayload {
        switch self {
        case .sms(let sms): sms
        case .mms(let mms): mms
        case .email(let email): email
        case .webhook(let webhook): webhook
        }
    }

    fileprivate init?(channel: Messaging.Channel, json: ByteBuffer) {
        func decoded<Payload: Job>(_ type: Payload.Type) -> Payload? {
            try? JSONDecoder().decode(type, from: json)
        }
        let message: Message? =
            switch channel {
            case .sms: decoded(SMS.self).map(Message.sms)
            case .mms: decoded(MMS.self).map(Message.mms)
            case .email: decoded(Email.self).map(Message.email)
            case .webhook: decoded(Webhook.self).map(Message.webhook)
            }
        guard let message else { return nil }
        self = message
    }
}
