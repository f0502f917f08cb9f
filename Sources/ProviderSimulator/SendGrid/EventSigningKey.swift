import Crypto
import Foundation

/// The key pair by which SendGrid's Event Webhook is signed.
public struct EventSigningKey: Sendable {
    private let key: P256.Signing.PrivateKey

    /// A new one.
    public init() {
        key = P256.Signing.PrivateKey()
    }

    /// - Parameter base64: the private key as base64 of its DER (PKCS #8 or SEC 1). nil if it is no key of P-256.
    public init?(base64: String) {
        guard let der = Data(base64Encoded: base64),
            let key = try? P256.Signing.PrivateKey(derRepresentation: der)
        else { return nil }
        self.key = key
    }

    /// As SendGrid shows it: base64 of the SPKI DER.
    public var publicKey: String { key.publicKey.derRepresentation.base64EncodedString() }

    /// ECDSA with SHA-256 over the timestamp and the body, in DER and base64.
    /// Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
    func signature(timestamp: String, body: Data) throws -> String {
        try key.signature(for: Data(timestamp.utf8) + body).derRepresentation.base64EncodedString()
    }
}
