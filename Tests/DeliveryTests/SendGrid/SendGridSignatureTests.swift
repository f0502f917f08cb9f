import Crypto
import Delivery
import FoundationEssentials
import NIOCore
import Testing

@Suite struct SendGridSignatureTests {
    /// The vector of SendGrid's own libraries, as in reference/providers.md.
    private static let key = """
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6\
        wEA3F+g==
        """
    private static let timestamp = "1600112502"
    private static let signature =
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
    /// The line break at its end belongs to it.
    private static let body = ByteBuffer(string: SendGridEventsTests.vector + "\r\n")

    private func verifies(
        _ signature: String = signature, timestamp: String = timestamp, body: ByteBuffer = body, now: Int64? = nil
    ) throws -> Bool {
        try SendGridSignature(publicKey: Self.key).verifies(signature, timestamp: timestamp, body: body, now: now)
    }

    @Test func theVector() throws {
        #expect(try verifies())
        #expect(try !verifies(timestamp: "1600112503"))
        #expect(try !verifies(body: ByteBuffer(string: SendGridEventsTests.vector)))
        let other = P256.Signing.PrivateKey().publicKey.derRepresentation.base64EncodedString()
        #expect(
            try !SendGridSignature(publicKey: other).verifies(
                Self.signature, timestamp: Self.timestamp, body: Self.body))
    }

    @Test func theTimestampMayBeHeldAgainstAClock() throws {
        #expect(try verifies(now: 1_600_112_502 + 600) && verifies(now: 1_600_112_502 - 600))
        #expect(try !verifies(now: 1_600_112_502 + 601) && !verifies(now: 1_600_112_502 - 601))
        let key = P256.Signing.PrivateKey()
        let signer = try SendGridSignature(publicKey: key.publicKey.derRepresentation.base64EncodedString())
        for timestamp in ["", "x", "9223372036854775807", "-9223372036854775808", "99999999999999999999"] {
            let signature = try key.signature(for: Array(timestamp.utf8)).derRepresentation.base64EncodedString()
            #expect(signer.verifies(signature, timestamp: timestamp, body: ByteBuffer()))
            #expect(!signer.verifies(signature, timestamp: timestamp, body: ByteBuffer(), now: 1_600_000_000))
        }
    }

    @Test(arguments: ["", "not base64", "MEUCIGHQ", "MAYCAQACAQA=", "AAAA"])
    func whatIsNoSignatureVerifiesNothing(signature: String) throws {
        #expect(try !verifies(signature))
    }

    @Test(arguments: ["", "MFkw", "not base64", "-----BEGIN PUBLIC KEY-----"])
    func whatIsNoKeyIsRefused(key: String) {
        #expect(
            throws: SettingsError(setting: "publicKey", expected: "the verification key of SendGrid's event webhook")
        ) {
            try SendGridSignature(publicKey: key)
        }
    }
}
