import Foundation

/// Who may use Twilio's API: an account with its auth token, or an API key (`SK…`) with its secret.
struct TwilioCredentials: Sendable {
    /// Empty: any well-formed user with any token.
    let tokens: [String: String]

    /// - Parameter authorization: the header's value, Basic (RFC 7617).
    func allow(_ authorization: String?, account: String) -> Bool {
        guard let authorization, authorization.prefix(6).lowercased() == "basic ",
            let decoded = Data(base64Encoded: String(authorization.dropFirst(6))),
            let colon = decoded.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        let user = String(decoding: decoded[..<colon], as: UTF8.self)
        let token = String(decoding: decoded[(colon + 1)...], as: UTF8.self)
        guard Self.isSid(account, "AC"), !token.isEmpty else { return false }
        guard user == account || Self.isSid(user, "SK") else { return false }
        return tokens.isEmpty || tokens[user] == token
    }

    /// Two letters and 32 hexadecimal digits.
    static func isSid(_ text: String, _ prefix: String) -> Bool {
        text.utf8.count == 34 && text.hasPrefix(prefix)
            && text.utf8.dropFirst(2).allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    true
                default: false
                }
            }
    }
}
