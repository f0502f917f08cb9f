/// Base64 (RFC 4648 section 4) without line breaks, as providers take it.
enum Base64 {
    /// How many bytes a text stands for; nil where it is not base64.
    static func size(of text: String) -> Int? {
        var text = text
        return text.withUTF8 { bytes in
            let padding = bytes.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
            guard bytes.count.isMultiple(of: 4), bytes.dropLast(padding).allSatisfy(isDigit) else { return nil }
            return bytes.count / 4 * 3 - padding
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
