import Crypto

/// The signature of Vonage's callbacks, their field `sig`: the hexadecimal digits of a hash over all other fields.
/// Source: Vonage, "Signing messages".
public struct VonageSignature: Sendable {
    /// What the account's settings offer.
    public enum Method: String, Sendable, CaseIterable {
        /// MD5 of the fields and the secret. Vonage's default, and the weakest: choose another.
        case md5hash
        /// HMACs, keyed with the secret.
        case md5, sha1, sha256, sha512
    }

    private let secret: Secret
    private let method: Method

    public init(secret: Secret, method: Method) {
        self.secret = secret
        self.method = method
    }

    /// Whether a callback is Vonage's.
    ///
    /// A callback in which a field stands twice is not: the signature does not say which of them counts.
    ///
    /// - Parameters:
    ///   - form: its fields, of a form or by ``FormFields/init(vonageJSON:)``.
    ///   - now: Unix seconds; nil does not ask how old the callback is.
    ///   - window: how far its `timestamp` may be from now, either way.
    public func verifies(_ form: FormFields, now: Int64? = nil, window: Duration = .seconds(300)) -> Bool {
        guard let text = form["sig"], let signature = [UInt8](hexadecimal: text), !signature.isEmpty,
            Set(form.all.map { Array($0.name.utf8) }).count == form.all.count
        else { return false }
        if let now {
            guard let moment = form["timestamp"].flatMap({ Int64($0) }), isMoment(moment, within: window, of: now)
            else { return false }
        }
        return isCode(signature, of: Self.signed(form.all.filter { $0.name != "sig" }))
    }

    /// `&name=value` for each field in the order of the names, with `&` and `=` in values made `_`.
    private static func signed(_ fields: [FormFields.Field]) -> [UInt8] {
        var bytes: [UInt8] = []
        for field in fields.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            bytes.append(UInt8(ascii: "&"))
            bytes += field.name.utf8
            bytes.append(UInt8(ascii: "="))
            bytes += field.value.utf8.lazy.map { "&=".utf8.contains($0) ? UInt8(ascii: "_") : $0 }
        }
        return bytes
    }

    /// Compares in constant time, as codes and digests do.
    private func isCode(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        let secret = Array(secret.revealed.utf8)
        func isMAC<Hash: HashFunction>(by _: Hash.Type) -> Bool {
            HMAC<Hash>.authenticationCode(for: bytes, using: SymmetricKey(data: secret)) == signature
        }
        return switch method {
        case .md5hash: Insecure.MD5.hash(data: bytes + secret) == signature
        case .md5: isMAC(by: Insecure.MD5.self)
        case .sha1: isMAC(by: Insecure.SHA1.self)
        case .sha256: isMAC(by: SHA256.self)
        case .sha512: isMAC(by: SHA512.self)
        }
    }
}
