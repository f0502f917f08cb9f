import Crypto
import Foundation

/// Signs what Twilio sends, with the auth token of the account that it concerns.
struct TwilioSigner: Sendable {
    /// By account; API keys may be among them and are never asked for.
    let tokens: [String: String]
    /// For an account without a token of its own.
    let standard: String

    /// `X-Twilio-Signature` for a form.
    func signature(url: String, fields: [FormField], account: String) -> String {
        Self.signature(url: url, fields: fields, token: tokens[account] ?? standard)
    }

    /// HMAC-SHA1 over the URL and, sorted by key, each key and value; values of one key sorted and each once.
    /// Source: https://www.twilio.com/docs/usage/security#validating-requests
    static func signature(url: String, fields: [FormField], token: String) -> String {
        var signed = url
        let values = Dictionary(grouping: fields, by: \.key).mapValues { Set($0.map(\.value)) }
        for (key, values) in values.sorted(by: { isBefore($0.key, $1.key) }) {
            for value in values.sorted(by: isBefore) { signed += key + value }
        }
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data(signed.utf8), using: SymmetricKey(data: Data(token.utf8)))
        return Data(code).base64EncodedString()
    }

    /// In the order of bytes; a String's own order is another.
    private static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
