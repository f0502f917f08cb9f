import Crypto
import Foundation

/// A secret of Standard Webhooks: `whsec_` and base64.
public struct WebhookSecret: Sendable, Equatable {
    let key: SymmetricKey

    /// nil if what follows the (optional) prefix is not base64 or is empty.
    public init?(_ text: String) {
        let encoded = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
        let padding = String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: encoded + padding), !bytes.isEmpty else { return nil }
        key = SymmetricKey(data: bytes)
    }
}

/// What came of checking a signature.
struct Verification: Sendable, Equatable {
    /// nil: the signature holds.
    var reason: String?

    var holds: Bool { reason == nil }
}

extension Verification {
    /// Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, under one of the secrets, within 5 minutes.
    /// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    init(
        id: String?, timestamp: String?, signatures: String?, body: some Collection<UInt8>, secrets: [WebhookSecret],
        now: Date
    ) {
        guard let id, let timestamp, let signatures, !id.isEmpty else {
            self.init(reason: "a header is missing")
            return
        }
        guard let seconds = Int(timestamp) else {
            self.init(reason: "the timestamp is no number")
            return
        }
        guard abs(now.timeIntervalSince1970 - Double(seconds)) <= 300 else {
            self.init(reason: "the timestamp is more than 5 minutes off")
            return
        }
        let signed = Data("\(id).\(timestamp).".utf8) + Data(body)
        for signature in signatures.split(separator: " ") where signature.hasPrefix("v1,") {
            guard let code = Data(base64Encoded: String(signature.dropFirst(3))) else { continue }
            for secret in secrets
            where HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: secret.key) {
                self.init(reason: nil)
                return
            }
        }
        self.init(reason: "no signature matches")
    }
}
