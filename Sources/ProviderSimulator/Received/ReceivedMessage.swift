public import Foundation

/// One request to a provider, and what became of it.
public struct ReceivedMessage: Sendable, Codable {
    public enum Outcome: String, Sendable, Codable {
        /// The provider has the message, whatever it answered.
        case accepted
        /// The request was at fault: invalid or unauthorised.
        case refused
        /// A fault stood in for the provider, which does not have the message.
        case failed
    }

    /// Counts up from 0 for the simulator's life.
    public let sequence: Int
    public let provider: Provider
    public let at: Date
    public let outcome: Outcome
    /// The HTTP status answered; nil when no answer was given (hang, drop).
    public let status: Int?
    /// Twilio's sid, SendGrid's X-Message-Id, Vonage's (first) message-id, a webhook's `webhook-id`.
    public let id: String?
    /// The recipient; recipients of an email joined by ", "; a webhook's name.
    public let to: String
    public let from: String?
    public let subject: String?
    public let body: String
    public let html: String?
    public let media: [String]
    public let headers: [String: String]?
    /// Whether a webhook's signature held; nil when no secret is configured.
    public let verified: Bool?
    public let verificationError: String?
    /// The fault that was played, in the directive's syntax.
    public let fault: String?
    /// Why it was refused.
    public let error: String?
}
