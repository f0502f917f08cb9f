/// How the simulator starts; nothing needs to be set.
public struct SimulatorSettings: Sendable {
    /// Twilio users (`AC…` or `SK…`) and their tokens. Empty: any well-formed user with any token is let in.
    public var twilioTokens: [String: String] = [:]
    /// Signs the callbacks of a Twilio account that has no token above.
    public var twilioAuthToken = "simulator-auth-token"
    /// SendGrid API keys that are let in. Empty: any `SG.…`.
    public var sendGridKeys: Set<String> = []
    /// Requests a minute that SendGrid's `X-RateLimit-Limit` announces. Announced, never enforced: a 429 is a fault.
    public var sendGridRateLimit = 10_000
    /// Where SendGrid's events are told; nil: nowhere.
    public var sendGridEventURL: String?
    /// Signs SendGrid's events.
    public var sendGridEventKey = EventSigningKey()
    /// How long SendGrid gathers events before it tells them in one request.
    public var sendGridGathersFor: Duration = .milliseconds(100)
    /// Vonage's API keys and their secrets. Empty: any.
    public var vonageSecrets: [String: String] = [:]
    /// Secrets (`whsec_…`) one of which must have signed what arrives at any `/webhooks/{name}`. Empty: not verified.
    public var webhookSecrets: [WebhookSecret] = []
    /// Wait before each answer, by provider.
    public var latency: [Provider: Latency] = [:]
    /// How many requests are kept in full. The counters never forget.
    public var keepLast = 100_000
    /// How long after its acceptance a message is delivered. Its statuses and callbacks spread evenly over this time.
    public var deliversAfter: Duration = .seconds(1)
    /// How old a message is before Twilio's list shows it.
    public var listsAfter: Duration = .zero
    public var callbacks = CallbackSettings()

    public init() {}
}

/// A service that the simulator stands in for.
public enum Provider: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case twilio, vonage, sendgrid, webhook
}
