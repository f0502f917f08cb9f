/// How much of what a message may have. Characters are Unicode scalars.
enum MessageLimits {
    /// What Twilio takes in one message (https://www.twilio.com/docs/messaging/api/message-resource, `Body`).
    static let textBody = 1600
    /// Of a mail's text, of its HTML, and of a webhook's body. Mail programs show a tenth of that at most.
    static let longBody = 1 << 20
    /// What Twilio takes of media in one message (same place, `MediaUrl`).
    static let media = 10
    static let files = 20
    static let filename = 255
    /// Of all files together, in bytes. As base64 it stays below the 30 MB that SendGrid takes of a mail.
    static let fileBytes = 20 << 20
    /// The longest line of a mail (RFC 5322 section 2.1.1).
    static let subject = 998
    /// The name by which a webhook's client calls itself.
    static let webhookSender = 320
    static let metadataMembers = 32
    static let metadataName = 64
    static let metadataValue = 512

    /// How far ahead a message may be sent. Twilio's limit of messages that it schedules itself.
    static let startDays: Int64 = 35
    /// How long a message may be of use.
    static let lifeDays: Int64 = 7
    /// In milliseconds.
    static let day: Int64 = 86_400_000

    /// Whether a text has more characters than that. Bytes first: counting them costs nothing.
    static func exceeds(_ text: String, _ limit: Int) -> Bool {
        text.utf8.count > limit && text.unicodeScalars.count > limit
    }
}
