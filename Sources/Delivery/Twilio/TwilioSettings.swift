/// The account that text messages are sent from.
public struct TwilioSettings: Sendable {
    public var accountSID: String
    public var authToken: Secret
    /// Where the API is: Twilio's own, a region's, or a simulator's.
    public var baseURL: String
    /// Where this service's ingress can be reached from outside, without a path; nil: Twilio is not asked to tell what
    /// becomes of a message.
    public var publicURL: String?
    /// For one request, from waiting for a connection to the last byte of the answer. Shorter than the worker's drain,
    /// so that a stop never leaves a message in doubt.
    public var timeout: Duration

    /// - Throws: ``SettingsError`` for an account that is none, an empty token, or a base that is no address.
    public init(
        accountSID: String, authToken: Secret, baseURL: String = "https://api.twilio.com",
        publicURL: String? = nil, timeout: Duration = .seconds(10)
    ) throws(SettingsError) {
        guard accountSID.hasPrefix("AC"), accountSID.utf8.count == 34, accountSID.dropFirst(2).allSatisfy(\.isHexDigit)
        else {
            throw SettingsError(setting: "accountSID", expected: "AC and 32 hexadecimal digits")
        }
        guard !authToken.revealed.isEmpty else {
            throw SettingsError(setting: "authToken", expected: "the account's auth token")
        }
        self.accountSID = accountSID
        self.authToken = authToken
        self.baseURL = baseURL
        self.publicURL = publicURL
        self.timeout = timeout
        _ = try messagesURL
        guard let publicURL else { return }
        do {
            _ = try endpoint(base: publicURL, path: "")
        } catch {
            throw SettingsError(setting: "publicURL", expected: "an address such as https://messages.example.com")
        }
    }

    /// The resource that a message is made by posting to.
    var messagesURL: String {
        get throws(SettingsError) {
            try endpoint(base: baseURL, path: "/2010-04-01/Accounts/\(accountSID)/Messages.json")
        }
    }
}
