/// The account that mail is sent from.
public struct SendGridSettings: Sendable {
    public var apiKey: Secret
    /// Where the API is: SendGrid's own, the EU's, or a simulator's.
    public var baseURL: String
    /// As in ``TwilioSettings/timeout``.
    public var timeout: Duration

    /// - Throws: ``SettingsError`` for an empty key or a base that is no address.
    public init(
        apiKey: Secret, baseURL: String = "https://api.sendgrid.com", timeout: Duration = .seconds(10)
    ) throws(SettingsError) {
        guard !apiKey.revealed.isEmpty, !apiKey.revealed.contains(where: \.isWhitespace) else {
            throw SettingsError(setting: "apiKey", expected: "an API key, SG.…")
        }
        self.apiKey = apiKey
        self.baseURL = baseURL
        self.timeout = timeout
        _ = try sendURL
    }

    var sendURL: String {
        get throws(SettingsError) { try endpoint(base: baseURL, path: "/v3/mail/send") }
    }
}
