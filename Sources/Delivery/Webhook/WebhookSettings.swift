/// How customers' endpoints are posted to.
public struct WebhookSettings: Sendable {
    /// Every post is signed with each of them: while one replaces another, receivers may know either.
    public var secrets: [WebhookSecret]
    /// For one post, from the lookup of the host to the last byte read. Source: Standard Webhooks, 15 to 30 s.
    public var timeout: Duration
    /// Which addresses may be posted to beside those of the public Internet.
    public var allowed: [AddressRange]

    /// - Throws: ``SettingsError`` where there is no secret or one is malformed.
    public init(
        secrets: [Secret], timeout: Duration = .seconds(15), allowed: [AddressRange] = []
    ) throws(SettingsError) {
        guard !secrets.isEmpty else {
            throw SettingsError(setting: "secrets", expected: "at least one secret, whsec_…")
        }
        var parsed: [WebhookSecret] = []
        for secret in secrets { parsed.append(try WebhookSecret(secret.revealed)) }
        self.secrets = parsed
        self.timeout = timeout
        self.allowed = allowed
    }
}
