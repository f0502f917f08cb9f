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
    /// As ``normalized(_:_:)`` has it.
    public var address: String
    public var reason: Reason
    /// Unix milliseconds; when it was put on the list.
    public var at: Int64

    public init(_ kind: Kind, _ address: String, reason: Reason, at: Int64) {
        self.kind = kind
        self.address = Self.normalized(kind, address)
        self.reason = reason
        self.at = at
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
