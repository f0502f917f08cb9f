public import Messaging

/// A text message that somebody sent to a number of ours.
public struct InboundMessage: Sendable, Equatable {
    public struct Media: Sendable, Equatable {
        /// Where the vendor keeps it; reading it may need the account's credentials.
        public var url: String
        /// The media type, `image/jpeg`, where the vendor says.
        public var type: String?

        public init(url: String, type: String? = nil) {
            self.url = url
            self.type = type
        }
    }

    /// Where a message that came in several stands among them; all share the reference.
    public struct Part: Sendable, Equatable {
        public var reference: String
        /// From 1.
        public var number: Int
        public var total: Int

        public init(reference: String, number: Int, total: Int) {
            self.reference = reference
            self.number = number
            self.total = total
        }
    }

    public var vendor: Vendor
    /// The vendor's id of the message; the same for each repetition of the callback.
    public var id: String
    /// ``Channel/sms``, or ``Channel/mms`` where there is media.
    public var channel: Channel { media.isEmpty ? .sms : .mms }
    /// E.164 where it is a telephone number.
    public var from: String
    public var to: String
    /// Whose ``to`` is, where several share an installation.
    public var tenant: String?
    /// May be empty.
    public var body: String
    public var media: [Media]
    public var keyword: OptOutKeyword?
    /// Only for one of several messages that belong together.
    public var part: Part?
    /// Unix milliseconds of the vendor's clock, where it says.
    public var at: Int64?

    public init(
        vendor: Vendor, id: String, from: String, to: String, body: String, media: [Media] = [],
        keyword: OptOutKeyword? = nil, part: Part? = nil, at: Int64? = nil
    ) {
        self.vendor = vendor
        self.id = id
        self.from = from
        self.to = to
        self.body = body
        self.media = media
        self.keyword = keyword
        self.part = part
        self.at = at
    }

    /// The message, and what its keyword changes.
    var news: [ProviderNews] {
        guard let change = consentChange else { return [.inbound(self)] }
        return [.inbound(self), .consent(ConsentNews(change: change, vendor: vendor, at: at, token: id))]
    }

    private var consentChange: ConsentNews.Change? {
        guard let stop = Suppression(phone: from, reason: .stop) else { return nil }
        return switch keyword {
        case .stop: .suppress(stop)
        case .start: .allow(address: stop.address, kind: stop.kind)
        case .help, nil: nil
        }
    }
}
