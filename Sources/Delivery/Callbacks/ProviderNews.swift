public import JobRuntime
public import Messaging

/// One thing that a vendor tells of its own accord.
public enum ProviderNews: Sendable, Equatable {
    /// What has become of a message of ours.
    case status(StatusNews)
    /// Somebody wrote to us.
    case inbound(InboundMessage)
    /// Somebody wants no more messages, or wants them again.
    case consent(ConsentNews)
}

/// What a vendor says has become of a message.
public struct StatusNews: Sendable, Equatable {
    /// Our own id of the message, where the vendor brought it back.
    public var message: JobID?
    public var vendor: Vendor
    /// The vendor's id of the message, as in ``Receipt/id``.
    public var vendorID: String
    /// What the message is now. Nil for a step inside the vendor, which changes nothing; but it, too, proves that the
    /// vendor has the message.
    public var status: MessageStatus?
    /// Why, as a clause, where it did not arrive. Holds no address and none of the vendor's own text.
    public var what: String?
    /// The vendor's error code.
    public var code: Int?
    /// When it happened, Unix milliseconds of the vendor's clock, where it says.
    public var at: Int64?
    /// Equal for each repetition of this news, and different for all other news of this vendor.
    public var token: String
    public var suppress: Suppression?

    public init(
        message: JobID?, vendor: Vendor, vendorID: String, status: MessageStatus?, what: String? = nil,
        code: Int? = nil, at: Int64? = nil, token: String, suppress: Suppression? = nil
    ) {
        self.message = message
        self.vendor = vendor
        self.vendorID = vendorID
        self.status = status
        self.what = what
        self.code = code
        self.at = at
        self.token = token
        self.suppress = suppress
    }
}

/// A change of what the owner of an address wants.
public struct ConsentNews: Sendable, Equatable {
    public enum Change: Sendable, Equatable {
        case suppress(Suppression)
        /// Messages may be sent again.
        case allow(address: String, kind: Suppression.Kind)
    }

    public var change: Change
    /// The message that it is an answer to, where the vendor says.
    public var message: JobID?
    public var vendor: Vendor
    /// As in ``StatusNews/at`` and ``StatusNews/token``.
    public var at: Int64?
    public var token: String

    public init(change: Change, message: JobID? = nil, vendor: Vendor, at: Int64? = nil, token: String) {
        self.change = change
        self.message = message
        self.vendor = vendor
        self.at = at
        self.token = token
    }
}

/// All that one callback says.
public struct CallbackReading: Sendable, Equatable {
    public var news: [ProviderNews] = []
    /// What of it could not be read, as clauses that repeat nothing of it. The news beside them is good.
    public var problems: [String] = []

    public init() {}
}
