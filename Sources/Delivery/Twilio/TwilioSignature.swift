import Crypto
import FoundationEssentials
public import NIOCore

/// The signature of Twilio's requests to us, the header `X-Twilio-Signature`: the base64 of an HMAC-SHA1, keyed with the
/// account's auth token, of the address and the form's fields. Source: Twilio, "Validating requests".
public struct TwilioSignature: Sendable {
    private let key: SymmetricKey

    public init(authToken: Secret) {
        key = SymmetricKey(data: Array(authToken.revealed.utf8))
    }

    /// Signs a request as Twilio does.
    ///
    /// - Parameters:
    ///   - url: the whole address, with its query.
    ///   - form: the fields of the body; empty for a GET and for JSON.
    public func sign(url: String, form: FormFields = FormFields([])) -> String {
        Data(code(url: Array(url.utf8), fields: Self.fields(form))).base64EncodedString()
    }

    /// Whether a request with a form is Twilio's.
    ///
    /// - Parameter url: the address that Twilio was given, not what a proxy made of it, with the query as it came.
    public func verifies(_ signature: String, url: String, form: FormFields = FormFields([])) -> Bool {
        guard let signature = Data(base64Encoded: signature) else { return false }
        let url = Array(url.utf8)
        let fields = Self.fields(form)
        // Twilio is not consistent in naming the port, so both are tried, as its own libraries do.
        return code(url: url, fields: fields) == signature
            || Self.otherPort(url).map { code(url: $0, fields: fields) == signature } == true
    }

    /// Whether a request with any other body is Twilio's: the address carries the body's hash as `bodySHA256`, and is
    /// signed alone.
    public func verifies(_ signature: String, url: String, body: ByteBuffer) -> Bool {
        guard let hash = Self.bodyHash(url),
            body.withUnsafeReadableBytes({ SHA256.hash(data: $0) == hash })
        else { return false }
        return verifies(signature, url: url)
    }

    private func code(url: [UInt8], fields: [UInt8]) -> HMAC<Insecure.SHA1>.MAC {
        HMAC<Insecure.SHA1>.authenticationCode(for: url + fields, using: key)
    }

    /// Names and values, sorted by name and then value, byte by byte; a name with the same value again counts once.
    private static func fields(_ form: FormFields) -> [UInt8] {
        let fields = form.all.map { (name: Array($0.name.utf8), value: Array($0.value.utf8)) }
            .sorted { left, right in
                left.name == right.name
                    ? left.value.lexicographicallyPrecedes(right.value)
                    : left.name.lexicographicallyPrecedes(right.name)
            }
        var bytes: [UInt8] = []
        var last: (name: [UInt8], value: [UInt8])?
        for field in fields where last.map({ $0 == field }) != true {
            bytes += field.name
            bytes += field.value
            last = field
        }
        return bytes
    }

    /// The address without its port where it names one, else with its scheme's default. Nil where it is no web address.
    private static func otherPort(_ url: [UInt8]) -> [UInt8]? {
        let isSecure = url.starts(with: "https://".utf8)
        guard isSecure || url.starts(with: "http://".utf8) else { return nil }
        let start = isSecure ? 8 : 7
        let end = url[start...].firstIndex { "/?#".utf8.contains($0) } ?? url.endIndex
        let digits = url[start..<end].reversed().prefix { (0x30...0x39).contains($0) }.count
        let colon = end - digits - 1
        guard digits > 0, colon >= start, url[colon] == UInt8(ascii: ":") else {
            return Array(url[..<end]) + Array((isSecure ? ":443" : ":80").utf8) + Array(url[end...])
        }
        return Array(url[..<colon] + url[end...])
    }

    /// The parameter `bodySHA256` of the query, 32 bytes.
    private static func bodyHash(_ url: String) -> [UInt8]? {
        guard let query = url.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let name = "bodySHA256="
        for field in url[url.utf8.index(after: query)...].split(separator: "&") where field.hasPrefix(name) {
            return [UInt8](hexadecimal: field.dropFirst(name.count))
        }
        return nil
    }
}

extension TwilioSignature: Redacted {}

extension [UInt8] {
    /// Nil where the text is not pairs of hexadecimal digits, in either case.
    init?(hexadecimal text: some StringProtocol) {
        let digits = text.utf8.compactMap(\.hexDigitValue)
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
