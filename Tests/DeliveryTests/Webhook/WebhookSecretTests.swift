import Crypto
import Delivery
import FoundationEssentials
import NIOCore
import Testing

@testable import Delivery

@Suite struct WebhookSecretTests {
    /// Source: Standard Webhooks' own libraries, as in reference/providers.md.
    @Test func theVectorOfStandardWebhooks() throws {
        let signature = try WebhookSecret(webhookSecret).signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
            body: ByteBuffer(string: #"{"test": 2432232314}"#))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    /// The key is fed in once; a signature must not leave traces for the next.
    @Test func signingTwiceGivesTheSame() throws {
        let secret = try WebhookSecret(webhookSecret)
        let body = ByteBuffer(string: "body")
        let first = secret.signature(id: "1", timestamp: 1, body: body)
        #expect(secret.signature(id: "1", timestamp: 1, body: body) == first)
        #expect(secret.signature(id: "1", timestamp: 2, body: body) != first)
        #expect(secret.signature(id: "2", timestamp: 1, body: body) != first)
    }

    @Test(arguments: [24, 32, 64]) func keysOf24To64BytesAreTaken(count: Int) throws {
        _ = try WebhookSecret("whsec_" + Data(repeating: 7, count: count).base64EncodedString())
    }

    @Test(arguments: [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_not base64 at all, is it", "whsec_" + Data(repeating: 7, count: 23).base64EncodedString(),
        "whsec_" + Data(repeating: 7, count: 65).base64EncodedString(),
    ])
    func anythingElseIsRefusedWithoutRepeatingIt(text: String) {
        #expect(throws: SettingsError(setting: "secrets", expected: "whsec_ and the base64 of 24 to 64 bytes, each")) {
            try WebhookSecret(text)
        }
    }
}
