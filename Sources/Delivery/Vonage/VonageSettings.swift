/// The account at Vonage that text messages are sent from.
public struct VonageSettings: Sendable {
    public var apiKey: String
    public var apiSecret: Secret
    /// Where the API is: Vonage's own, or a simulator's.
    public var baseURL: String
    /// As in ``TwilioSettings/timeout``.
    public var timeout: Duration
    /// What Vonage signs its callbacks with; nil where the account does not sign them.
    public var signature: VonageSignature?
    /// Where delivery receipts are to go; nil leaves it to the account's settings.
    public var callback: String?

    /// - Parameters:
    ///   - signatureSecret: from the account's settings.
    ///   - signatureMethod: the one chosen there beside the secret.
    ///   - publicURL: this service's own address, from which the address for delivery receipts is made.
    /// - Throws: ``SettingsError`` for an empty key or secret, or an address that is none.
    public init(
        apiKey: String, apiSecret: Secret, baseURL: String = "https://rest.nexmo.com",
        timeout: Duration = .seconds(10), signatureSecret: Secret? = nil,
        signatureMethod: VonageSignature.Method = .sha256, publicURL: String? = nil
    ) throws(SettingsError) {
        guard !apiKey.isEmpty else { throw SettingsError(setting: "apiKey", expected: "the account's API key") }
        guard !apiSecret.revealed.isEmpty else {
            throw SettingsError(setting: "apiSecret", expected: "the account's API secret")
        }
        self.apiKey = apiKey
        self.apiSecret = apiSecret
        self.baseURL = baseURL
        self.timeout = timeout
        signature = signatureSecret.map { VonageSignature(secret: $0, method: signatureMethod) }
        if let publicURL {
            do {
                callback = try endpoint(base: publicURL, path: "/api/v1/webhooks/vonage/status")
            } catch {
                throw SettingsError(setting: "publicURL", expected: error.expected)
            }
        }
        _ = try sendURL
    }

    var sendURL: String {
        get throws(SettingsError) { try endpoint(base: baseURL, path: "/sms/json") }
    }
}
