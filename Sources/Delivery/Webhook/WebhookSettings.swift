/// How customers' endpoints are posted to.
public struct WebhookSettings: Sendable {
    /// Every post is signed with each of them: while one replaces another, receivers may know either.
    public var secrets: [WebhookSecret]
    /// For one post, from waiting for a connection to the last byte read. Source: Standard Webhooks, 15 to 30 s.
    public var timeout: Duration

    /// - Throws: ``SettingsError`` where there is no secret or one is malformed.
    public init(secrets: [Secret], timeout: Duration = .seconds(15)) throws(SettingsError) {
        guard !secrets.isEmpty else {
            throw SettingsError(setting: "secrets", expected: "at least one secret, whsec_…")
        }
        var parsed: [WebhookSecret] = []
        for secret in secrets { parsed.append(try WebhookSecret(secret.revealed)) }
        self.secrets = parsed
        self.timeout = timeout
    }
}
