public import JobRuntime

/// A vendor's callback as it came, its signature verified, on its way from the ingress to a worker.
public struct ProviderCallback: Job, Equatable {
    public static let kind = "provider_callback"
    public static let queueName = "webhook_queue"

    public var vendor: Vendor
    /// Our id of the message, where the callback's address names it.
    public var messageID: JobID?
    /// As its header says, with parameters.
    public var contentType: String
    /// As it came; of a GET, the query.
    public var body: String
    /// Unix milliseconds.
    public var receivedAt: Int64

    public init(vendor: Vendor, messageID: JobID? = nil, contentType: String, body: String, receivedAt: Int64) {
        self.vendor = vendor
        self.messageID = messageID
        self.contentType = contentType
        self.body = body
        self.receivedAt = receivedAt
    }

    private enum CodingKeys: String, CodingKey {
        case vendor, body
        case messageID = "message_id"
        case contentType = "content_type"
        case receivedAt = "received_at"
    }

    /// What the callback says. A pure function of it.
    ///
    /// - Throws: ``CallbackError`` where it is not what the vendor sends; it never will be.
    public func news() throws(CallbackError) -> CallbackReading {
        switch (vendor, mediaType) {
        case (.twilio, .form): try TwilioCallback.reading(FormFields(body), message: messageID)
        case (.sendgrid, .json): try SendGridEvents.reading(body, message: messageID)
        case (.vonage, .form): try VonageCallback.reading(FormFields(body), message: messageID)
        case (.vonage, .json): try VonageCallback.reading(FormFields(vonageJSON: body), message: messageID)
        default: throw CallbackError("the content type is not one that \(vendor.rawValue) calls back with")
        }
    }

    private enum MediaType {
        case form, json
    }

    private var mediaType: MediaType? {
        let type = contentType.prefix { $0 != ";" }.lowercased()
        return switch type.filter({ $0 != " " }) {
        case "application/x-www-form-urlencoded": .form
        case "application/json": .json
        default: nil
        }
    }
}
