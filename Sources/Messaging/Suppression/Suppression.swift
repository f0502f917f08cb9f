/// An address that must not be sent to, and why. The same for all senders.
public struct Suppression: Sendable, Equatable, Codable {
    /// What the address is of. Text messages of both kinds share their phones.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case phone, email, webhook
    }

    /// The raw value is what operators and the API see.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// The recipient answered STOP, or a word like it.
        case stop
        /// A provider says that the recipient has opted out.
        case optedOut = "opted_out"
        /// The mailbox does not exist, or refuses for good.
        case hardBounce = "hard_bounce"
        /// The recipient reported a mail as spam.
        case spamReport = "spam_report"
        case unsubscribed
        /// A provider drops what is sent to the address.
        case dropped
        /// The endpoint said that it is gone for good (410).
        case gone
        /// A person put it on the list.
        case manual
    }

    public var kind: Kind
    /// As ``normalized(_:_:)`` has it: E.164, a mail address, or a URL.
    public var address: String
    public var reason: Reason
    /// When it was put on the list, Unix milliseconds; nil where it is not there, or nobody knows.
    public var at: Int64?

    public init(address: String, kind: Kind, reason: Reason, at: Int64? = nil) {
        self.kind = kind
        self.address = Self.normalized(kind, address)
        self.reason = reason
        self.at = at
    }

    /// Nil where the address is none that a message could have: there is nothing to suppress.
    public init?(phone: String?, reason: Reason) {
        guard let phone, PhoneNumber.fault(in: phone) == nil else { return nil }
        self.init(address: phone, kind: .phone, reason: reason)
    }

    /// Nil where the address is none that a message could have: there is nothing to suppress.
    public init?(email: String?, reason: Reason) {
        guard let email, EmailAddress.fault(in: email) == nil else { return nil }
        self.init(address: email, kind: .email, reason: reason)
    }

    /// The form in which addresses are compared. Mail addresses differ in case only by rule, never in life.
    public static func normalized(_ kind: Kind, _ address: String) -> String {
        kind == .email ? address.lowercased() : address
    }
}

extension Channel {
    /// What kind of address its messages go to.
    public var addressKind: Suppression.Kind {
        switch self {
        case .sms, .mms: .phone
        case .email: .email
        case .webhook: .webhook
        }
    }
}
