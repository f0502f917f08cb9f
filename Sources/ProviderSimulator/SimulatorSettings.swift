/// How the simulator starts; nothing needs to be set.
public struct SimulatorSettings: Sendable {
    /// Twilio users (`AC…` or `SK…`) and their tokens. Empty: any well-formed user with any token is let in.
    public var twilioTokens: [String: String] = [:]
    /// SendGrid API keys that are let in. Empty: any `SG.…`.
    public var sendGridKeys: Set<String> = []
    /// Requests a minute that SendGrid's `X-RateLimit-Limit` announces. Announced, never enforced: a 429 is a fault.
    public var sendGridRateLimit = 10_000
    /// Secrets (`whsec_…`) one of which must have signed what arrives at any `/webhooks/{name}`. Empty: not verified.
    public var webhookSecrets: [WebhookSecret] = []
    /// Wait before each answer, by provider.
    public var latency: [Provider: Latency] = [:]
    /// How many requests are kept in full. The counters never forget.
    public var keepLast = 100_000
    /// How long after its acceptance a Twilio message reads as `delivered` instead of `queued`.
    public var deliversAfter: Duration = .seconds(1)

    public init() {}
}

/// A service that the simulator stands in for.
public enum Provider: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case twilio, sendgrid, webhook
}
