import Delivery
import JobRuntime
import Messaging
import Testing

@Suite struct SettingsTests {
    @Test(arguments: ["", "AC123", "SK0123456789abcdef0123456789abcdef", "AC0123456789abcdef0123456789abcdeg"])
    func anAccountSIDIsACAndHexadecimal(sid: String) {
        #expect(throws: SettingsError(setting: "accountSID", expected: "AC and 32 hexadecimal digits")) {
            try TwilioSettings(accountSID: sid, authToken: Secret(authToken))
        }
    }

    @Test(arguments: ["", "api.twilio.com", "ftp://x.test", "http+unix://%2Ftmp%2Fs", "https://x.test?a=b", "https://"])
    func aBaseIsAnAbsoluteAddress(base: String) {
        let expected = SettingsError(setting: "baseURL", expected: "an address such as https://api.example.com")
        #expect(throws: expected) {
            try TwilioSettings(accountSID: accountSID, authToken: Secret(authToken), baseURL: base)
        }
        #expect(throws: expected) { try SendGridSettings(apiKey: Secret(apiKey), baseURL: base) }
    }

    @Test func emptyCredentialsAreRefused() {
        #expect(throws: SettingsError.self) { try TwilioSettings(accountSID: accountSID, authToken: "") }
        #expect(throws: SettingsError.self) { try SendGridSettings(apiKey: "") }
        #expect(throws: SettingsError.self) { try WebhookSettings(secrets: []) }
    }

    @Test func nothingShowsASecret() throws {
        let twilio = try TwilioSettings(accountSID: accountSID, authToken: Secret(authToken))
        let sendGrid = try SendGridSettings(apiKey: Secret(apiKey))
        let webhook = try WebhookSettings(secrets: [Secret(webhookSecret)])
        for value in [twilio, sendGrid, webhook, Secret(authToken)] as [any Sendable] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
                #expect(!text.contains(authToken) && !text.contains(apiKey) && !text.contains("MfKQ9r8G"))
                #expect(text.contains("<redacted>"))
            }
        }
    }

    @Test func webhooksFollowTheScheduleOfStandardWebhooks() {
        let policy = DeliveryHandlers.retryPolicy(for: .webhook)
        let next = (1...10).map { policy.next(afterAttempt: $0, age: .zero, atLeast: nil, random: 0) }
        let seconds: [Int64] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
        #expect(next == seconds.map { .wait(.seconds($0)) } + [.exhausted])
    }
}
