import Crypto
import FoundationEssentials
public import NIOCore

/// The signature of SendGrid's event posts, the header `X-Twilio-Email-Event-Webhook-Signature`: ECDSA over P-256 and
/// SHA-256, of the timestamp's header and the body as it came.
/// Source: SendGrid, "Getting Started with the Event Webhook Security Features".
public struct SendGridSignature: Sendable {
    private let key: P256.Signing.PublicKey

    /// - Parameter publicKey: the base64 of its DER form, as SendGrid's settings show it.
    /// - Throws: ``SettingsError`` for anything else.
    public init(publicKey: String) throws(SettingsError) {
        guard let der = Data(base64Encoded: publicKey),
            let key = try? P256.Signing.PublicKey(derRepresentation: der)
        else {
            throw SettingsError(setting: "publicKey", expected: "the verification key of SendGrid's event webhook")
        }
        self.key = key
    }

    /// Whether a post is SendGrid's.
    ///
    /// - Parameters:
    ///   - signature: the header, the base64 of a DER signature.
    ///   - timestamp: the header `X-Twilio-Email-Event-Webhook-Timestamp`, as it came.
    ///   - now: Unix seconds; nil does not ask how old the post is.
    ///   - window: how far the timestamp may be from now, either way.
    public func verifies(
        _ signature: String, timestamp: String, body: ByteBuffer, now: Int64? = nil, window: Duration = .seconds(600)
    ) -> Bool {
        guard let der = Data(base64Encoded: signature),
            let signature = try? P256.Signing.ECDSASignature(derRepresentation: der)
        else { return false }
        if let now {
            guard let moment = Int64(timestamp), isMoment(moment, within: window, of: now) else { return false }
        }
        var hash = SHA256()
        hash.update(data: Array(timestamp.utf8))
        body.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        return key.isValidSignature(signature, for: hash.finalize())
    }
}

/// Whether two moments, in Unix seconds, are no further apart than that.
func isMoment(_ moment: Int64, within window: Duration, of now: Int64) -> Bool {
    let (distance, overflow) = moment.subtractingReportingOverflow(now)
    return !overflow && Duration.seconds(distance.magnitude) <= window
}
