import Messaging

/// An address that is to get no more messages, and why.
public struct Suppression: Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case phone, email, webhook
    }

    public enum Reason: String, Codable, Sendable, CaseIterable {
        /// Its owner wrote STOP.
        case stop
        /// The vendor says that its owner opted out.
        case optedOut = "opted_out"
        /// There is nobody at that address, for good.
        case hardBounce = "hard_bounce"
        case spamReport = "spam_report"
        case unsubscribed
        /// The vendor did not even try, because of earlier news of the address.
        case dropped
        /// The endpoint answered 410.
        case gone
        /// An operator said so.
        case manual
    }

    /// As the vendor gave it: E.164, an email address, or a URL.
    public var address: String
    public var kind: Kind
    public var reason: Reason

    public init(address: String, kind: Kind, reason: Reason) {
        self.address = address
        self.kind = kind
        self.reason = reason
    }
}

extension Suppression {
    /// Nil where the address is none that a message could have: there is nothing to suppress.
    init?(phone: String?, reason: Reason) {
        guard let phone, PhoneNumber.fault(in: phone) == nil else { return nil }
        self.init(address: phone, kind: .phone, reason: reason)
    }

    /// Nil where the address is none that a message could have: there is nothing to suppress.
    init?(email: String?, reason: Reason) {
        guard let email, EmailAddress.fault(in: email) == nil else { return nil }
        self.init(address: email, kind: .email, reason: reason)
    }
}
