/// One bare email address: a dot-atom, an at sign and a domain name (RFC 5321 section 4.1.2, RFC 5322 section 3.4.1),
/// all ASCII.
///
/// Display names, quoted local parts, comments, domain literals and lists of addresses are refused: whatever passes
/// can stand in a header or an SMTP command without changing its meaning.
public enum EmailAddress {
    /// The longest address that fits the path of an SMTP command (RFC 5321 section 4.5.3.1.3, less the brackets).
    public static let maximumLength = 254

    /// What is wrong with a text as an email address, or nil if nothing is.
    public static func fault(in text: String) -> String? {
        let bytes = Array(text.utf8)
        if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "must not contain line breaks or other control characters"
        }
        guard bytes.allSatisfy({ $0 < 0x80 }) else {
            return "must be ASCII; write an internationalized domain in its xn-- form"
        }
        guard bytes.count <= maximumLength else { return "must have at most \(maximumLength) characters" }
        let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, isLocalPart(parts[0]), isDomain(parts[1]) else {
            return "must be one bare email address, such as ann@example.com"
        }
        return nil
    }

    private static func isLocalPart(_ part: ArraySlice<UInt8>) -> Bool {
        guard part.count <= 64 else { return false }
        return part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy(isAtomText)
        }
    }

    /// `atext` of RFC 5322 section 3.2.3.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        DomainName.isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isDomain(_ part: ArraySlice<UInt8>) -> Bool {
        let labels = part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, let top = labels.last, labels.allSatisfy(DomainName.isLabel) else { return false }
        return !top.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}
