/// An absolute `http` or `https` URL (RFC 3986), ASCII, without user name and password.
public enum WebAddress {
    /// The longest URL taken. No standard sets one; providers and proxies stop at about this length.
    public static let maximumLength = 2048

    /// What is wrong with a text as a web address, or nil if nothing is. Whether anything answers there, and whether
    /// it is an address that may be called, is not asked.
    public static func fault(in text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count <= maximumLength else { return "must have at most \(maximumLength) characters" }
        guard let authorityStart = lengthOfScheme(bytes) else { return "must be an absolute http or https URL" }
        guard hasURLCharactersOnly(bytes) else {
            return "must contain only the characters of a URL; percent-encode all others"
        }
        let end = bytes[authorityStart...].firstIndex { byte in
            byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
        }
        let authority = bytes[authorityStart..<(end ?? bytes.endIndex)]
        if authority.contains(UInt8(ascii: "@")) { return "must not contain a user name or password" }
        return fault(inAuthority: authority)
    }

    /// The count of bytes up to and with `://`.
    private static func lengthOfScheme(_ bytes: [UInt8]) -> Int? {
        for scheme in ["https://", "http://"] where bytes.count >= scheme.utf8.count {
            let matches = zip(bytes, scheme.utf8).allSatisfy { byte, expected in
                byte == expected || (DomainName.isLetterOrDigit(byte) && byte | 0x20 == expected)
            }
            if matches { return scheme.utf8.count }
        }
        return nil
    }

    /// Unreserved and reserved characters (RFC 3986 section 2) and whole percent-encodings.
    private static func hasURLCharactersOnly(_ bytes: [UInt8]) -> Bool {
        for (position, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "%") {
                let digits = bytes.dropFirst(position + 1).prefix(2)
                guard digits.count == 2, digits.allSatisfy(isHexDigit) else { return false }
            } else if !DomainName.isLetterOrDigit(byte) {
                guard "-._~:/?#[]@!$&'()*+,;=".utf8.contains(byte) else { return false }
            }
        }
        return true
    }

    private static func fault(inAuthority authority: ArraySlice<UInt8>) -> String? {
        let host: ArraySlice<UInt8>
        let rest: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "[") {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else { return "must name a host" }
            host = authority[(authority.startIndex + 1)..<close]
            rest = authority[(close + 1)...]
            guard host.contains(UInt8(ascii: ":")), host.allSatisfy(isIPv6Character) else {
                return "must name a host: what stands in brackets is no IPv6 address"
            }
        } else {
            host = authority.prefix { $0 != UInt8(ascii: ":") }
            rest = authority[host.endIndex...]
            guard isHostName(host) else { return "must name a host, such as example.com" }
        }
        return rest.isEmpty || isPort(rest) ? nil : "must have a port from 1 to 65535, or none"
    }

    /// A name or an IPv4 address. Underscores are taken: names of services in private networks have them.
    private static func isHostName(_ host: ArraySlice<UInt8>) -> Bool {
        guard host.count <= 253 else { return false }
        let name = host.last == UInt8(ascii: ".") ? host.dropLast() : host
        return name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            DomainName.isLabel(ArraySlice(label.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "a") : $0 }))
        }
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        let digits = text.dropFirst()
        let isDecimal = digits.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard text.first == UInt8(ascii: ":"), isDecimal else { return false }
        return UInt16(String(decoding: digits, as: UTF8.self)).map { $0 > 0 } ?? false
    }

    private static func isIPv6Character(_ byte: UInt8) -> Bool {
        isHexDigit(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "a")...UInt8(ascii: "f"):
            true
        default:
            false
        }
    }
}
