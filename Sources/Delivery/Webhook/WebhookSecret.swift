import Crypto
import FoundationEssentials
import NIOCore

/// A key that an endpoint's owner verifies our posts with: `whsec_` and the base64 of 24 to 64 random bytes.
/// Source: Standard Webhooks 1.0.0, "Signature scheme".
public struct WebhookSecret: Sendable {
    /// Already fed with the key; a signature starts from a copy.
    private let keyed: HMAC<SHA256>

    /// - Throws: ``SettingsError`` where the text is no such secret; it does not repeat the text.
    public init(_ text: String) throws(SettingsError) {
        let prefix = "whsec_"
        guard text.hasPrefix(prefix), let key = Data(base64Encoded: String(text.dropFirst(prefix.count))),
            (24...64).contains(key.count)
        else {
            throw SettingsError(setting: "secrets", expected: "whsec_ and the base64 of 24 to 64 bytes, each")
        }
        keyed = HMAC<SHA256>(key: SymmetricKey(data: key))
    }

    /// The signature of `id.timestamp.body`, as it stands in the header: `v1,` and the base64 of the HMAC-SHA256.
    func signature(id: String, timestamp: Int64, body: ByteBuffer) -> String {
        var mac = keyed
        mac.update(data: Array("\(id).\(timestamp).".utf8))
        body.withUnsafeReadableBytes { mac.update(data: $0) }
        return "v1," + Data(mac.finalize()).base64EncodedString()
    }
}

extension WebhookSecret: Redacted {}
