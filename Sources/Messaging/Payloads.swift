public import JobRuntime

/// A text message: one or more segments to one phone.
public struct SMS: Job, Equatable {
    public static let kind = Channel.sms.rawValue

    /// The sender, E.164.
    public var from: String
    /// The recipient, E.164.
    public var to: String
    public var body: String
    /// What the client sent along, given back with every answer about the message.
    public var metadata: [String: String]?

    public init(from: String, to: String, body: String, metadata: [String: String]? = nil) {
        self.from = from
        self.to = to
        self.body = body
        self.metadata = metadata
    }
}

/// A text message with media.
public struct MMS: Job, Equatable {
    public static let kind = Channel.mms.rawValue

    /// The sender, E.164.
    public var from: String
    /// The recipient, E.164.
    public var to: String
    /// May be empty where there is media.
    public var body: String
    /// Public http(s) addresses of the media, 1 to 10.
    public var attachments: [String]
    public var metadata: [String: String]?

    public init(
        from: String, to: String, body: String, attachments: [String], metadata: [String: String]? = nil
    ) {
        self.from = from
        self.to = to
        self.body = body
        self.attachments = attachments
        self.metadata = metadata
    }
}

/// A mail to one address.
public struct Email: Job, Equatable {
    public static let kind = Channel.email.rawValue

    public var from: String
    public var to: String
    public var subject: String
    /// The plain text part.
    public var body: String
    /// The HTML part, beside the plain one.
    public var html: String?
    public var metadata: [String: String]?

    public init(
        from: String, to: String, subject: String, body: String, html: String? = nil,
        metadata: [String: String]? = nil
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.html = html
        self.metadata = metadata
    }
}

/// A signed HTTP POST to somebody's endpoint.
public struct Webhook: Job, Equatable {
    public static let kind = Channel.webhook.rawValue

    /// Who it is from, as the client names itself; carried for the record, not sent.
    public var from: String
    /// The endpoint, http or https.
    public var to: String
    /// The request's body, posted as it is, as `application/json`.
    public var body: String
    public var metadata: [String: String]?

    public init(from: String, to: String, body: String, metadata: [String: String]? = nil) {
        self.from = from
        self.to = to
        self.body = body
        self.metadata = metadata
    }
}
