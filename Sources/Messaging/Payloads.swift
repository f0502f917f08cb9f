public import JobRuntime

/// What the payloads of all channels have.
public protocol MessagePayload: Job, Equatable {
    static var channel: Channel { get }
    var from: String { get }
    var to: String { get }
    /// What the client sent along, given back with every answer about the message.
    var metadata: [String: String]? { get }
    /// Where the client wants to hear what becomes of the message, http or https.
    var statusCallback: String? { get set }
    /// What is to happen where nobody can tell whether the message was sent; nil: ``OnAmbiguous/hold``.
    var onAmbiguous: OnAmbiguous? { get set }
}

extension MessagePayload {
    public static var kind: String { channel.rawValue }
}

/// What is to happen to a message of which nobody can tell whether it was sent.
public enum OnAmbiguous: String, Codable, Sendable, CaseIterable {
    /// It waits, in status `unknown`, for a person or a late callback. Better not at all than twice.
    case hold
    /// It is sent again. Better twice than not at all.
    case resend
}

/// A text message: one or more segments to one phone.
public struct SMS: MessagePayload {
    public static let channel = Channel.sms

    /// The sender: a phone number in E.164, a short code, a name of up to 11 letters and digits, or the id of a pool of
    /// senders at the provider (Twilio's Messaging Service); see ``TextSender``.
    public var from: String
    /// The recipient, E.164.
    public var to: String
    public var body: String
    public var metadata: [String: String]?
    public var statusCallback: String?
    public var onAmbiguous: OnAmbiguous?

    public init(from: String, to: String, body: String, metadata: [String: String]? = nil) {
        self.from = from
        self.to = to
        self.body = body
        self.metadata = metadata
    }

    private enum CodingKeys: String, CodingKey {
        case from, to, body, metadata
        case statusCallback = "status_callback"
        case onAmbiguous = "on_ambiguous"
    }
}

/// A text message with media.
public struct MMS: MessagePayload {
    public static let channel = Channel.mms

    /// The sender, as in ``SMS/from``.
    public var from: String
    /// The recipient, E.164.
    public var to: String
    /// May be empty where there is media.
    public var body: String
    /// Public http(s) addresses of the media, 1 to 10.
    public var attachments: [String]
    public var metadata: [String: String]?
    public var statusCallback: String?
    public var onAmbiguous: OnAmbiguous?

    public init(
        from: String, to: String, body: String, attachments: [String], metadata: [String: String]? = nil
    ) {
        self.from = from
        self.to = to
        self.body = body
        self.attachments = attachments
        self.metadata = metadata
    }

    private enum CodingKeys: String, CodingKey {
        case from, to, body, attachments, metadata
        case statusCallback = "status_callback"
        case onAmbiguous = "on_ambiguous"
    }
}

/// A mail to one address.
public struct Email: MessagePayload {
    public static let channel = Channel.email

    public var from: String
    public var to: String
    public var subject: String
    /// The plain text part.
    public var body: String
    /// The HTML part, beside the plain one.
    public var html: String?
    public var attachments: [Attachment]?
    public var metadata: [String: String]?
    public var statusCallback: String?
    public var onAmbiguous: OnAmbiguous?

    /// A file that goes with the mail.
    public struct Attachment: Codable, Sendable, Equatable {
        public var filename: String
        /// The media type, `application/pdf`.
        public var type: String
        /// Base64.
        public var content: String

        public init(filename: String, type: String, content: String) {
            self.filename = filename
            self.type = type
            self.content = content
        }
    }

    public init(
        from: String, to: String, subject: String, body: String, html: String? = nil,
        attachments: [Attachment]? = nil, metadata: [String: String]? = nil
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.html = html
        self.attachments = attachments
        self.metadata = metadata
    }

    private enum CodingKeys: String, CodingKey {
        case from, to, subject, body, html, attachments, metadata
        case statusCallback = "status_callback"
        case onAmbiguous = "on_ambiguous"
    }
}

/// A signed HTTP POST to somebody's endpoint.
public struct Webhook: MessagePayload {
    public static let channel = Channel.webhook

    /// Who it is from, as the client names itself; carried for the record, not sent.
    public var from: String
    /// The endpoint, http or https.
    public var to: String
    /// The request's body, posted as it is, as `application/json`.
    public var body: String
    public var metadata: [String: String]?
    public var statusCallback: String?
    /// Without meaning here: a webhook is always sent again, and its receiver knows it by its id.
    public var onAmbiguous: OnAmbiguous?

    public init(from: String, to: String, body: String, metadata: [String: String]? = nil) {
        self.from = from
        self.to = to
        self.body = body
        self.metadata = metadata
    }

    private enum CodingKeys: String, CodingKey {
        case from, to, body, metadata
        case statusCallback = "status_callback"
        case onAmbiguous = "on_ambiguous"
    }
}
