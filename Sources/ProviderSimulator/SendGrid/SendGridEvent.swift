import Foundation

/// One event of a mail at one of its recipients, as JSON.
/// Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
struct SendGridEvent: Sendable {
    private enum Value: Encodable {
        case text(String)
        case number(Int)
        case list([String])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            case .list(let list): try container.encode(list)
            }
        }
    }

    let json: String

    init(_ kind: Kind, of mail: Mail, in personalization: Mail.Personalization, to email: String, id: String, at: Date)
        throws
    {
        let custom = (mail.customArguments ?? [:]).merging(personalization.customArguments ?? [:]) { $1 }
        var members = custom.mapValues { Value.text($0) }
        members.merge(kind.details.mapValues { .text($0) }) { $1 }
        members["email"] = .text(email)
        members["event"] = .text(kind.name)
        members["sg_event_id"] = .text(MessageID.random())
        members["sg_message_id"] = .text("\(id).recvd-simulator-6b8f9c5d4-1.0")
        members["smtp-id"] = .text("<\(id)@geopod-ismtpd-simulator>")
        members["timestamp"] = .number(Int(at.timeIntervalSince1970))
        if let categories = mail.categories { members["category"] = .list(categories) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        json = String(decoding: try encoder.encode(members), as: UTF8.self)
    }
}

extension SendGridEvent {
    enum Kind: Sendable {
        case processed, delivered, deferred, bounce, blocked, dropped, spamreport, unsubscribe

        /// `blocked` is a type of bounce.
        var name: String { self == .blocked ? "bounce" : "\(self)" }

        var details: [String: String] {
            switch self {
            case .delivered: ["response": "250 2.0.0 OK simulated"]
            case .deferred: ["response": "451 4.2.1 simulated: come again later", "attempt": "1"]
            case .bounce:
                [
                    "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 simulated: no such mailbox",
                    "bounce_classification": "Invalid Address",
                ]
            case .blocked:
                [
                    "type": "blocked", "status": "5.7.1", "reason": "550 5.7.1 simulated: blocked",
                    "bounce_classification": "Reputation",
                ]
            case .dropped: ["reason": "Bounced Address", "status": "5.0.0"]
            case .processed, .spamreport, .unsubscribe: [:]
            }
        }

        /// What a mail goes through until its end.
        static func story(of ending: Aftermath.MailEnding) -> [Kind] {
            switch ending {
            case .delivered: [.processed, .delivered]
            case .deferred: [.processed, .deferred, .delivered]
            case .bounce: [.processed, .bounce]
            case .blocked: [.processed, .blocked]
            case .dropped: [.dropped]
            case .spamreport: [.processed, .delivered, .spamreport]
            case .unsubscribe: [.processed, .delivered, .unsubscribe]
            }
        }
    }
}
