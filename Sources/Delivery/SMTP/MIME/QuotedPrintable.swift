/// Text in the quoted-printable encoding (RFC 2045 section 6.7): lines of at most 76 characters, a line break for each
/// LF or CRLF, and a lone CR as what it is.
///
/// Beyond what must be, a dot and `From ` at the beginning of a line are encoded, as RFC 2049 section 3 advises: no
/// transport on the way can then take a line for the mail's end or spoil it.
enum QuotedPrintable {
    /// A line's last column is kept for the `=` of a soft break.
    private static let columns = 75

    static func append(_ text: String, to out: inout [UInt8]) {
        var text = text
        text.withUTF8 { append($0, to: &out) }
    }

    private static func append(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        var column = 0
        for (index, byte) in text.enumerated() {
            if byte == lf || byte == cr && at(index + 1, of: text) == lf {
                if byte == lf { out.append(contentsOf: [cr, lf]) }
                column = 0
                continue
            }
            var literal = isLiteral(byte, at: index, of: text, column: column)
            if column + (literal ? 1 : 3) > columns {
                out.append(contentsOf: [UInt8(ascii: "="), cr, lf])
                column = 0
                literal = isLiteral(byte, at: index, of: text, column: column)
            }
            if literal {
                out.append(byte)
                column += 1
            } else {
                out.append(contentsOf: [UInt8(ascii: "="), hexDigit(byte >> 4), hexDigit(byte & 0xF)])
                column += 3
            }
        }
    }

    private static func isLiteral(
        _ byte: UInt8, at index: Int, of text: UnsafeBufferPointer<UInt8>, column: Int
    ) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"):
            // At the end of a line it would be lost.
            switch at(index + 1, of: text) {
            case nil, lf: false
            case cr: at(index + 2, of: text) != lf
            default: true
            }
        case UInt8(ascii: "."): column > 0
        case UInt8(ascii: "F"): column > 0 || !text[index...].starts(with: "From ".utf8)
        case UInt8(ascii: "="): false
        default: (0x21...0x7E).contains(byte)
        }
    }

    private static func at(_ index: Int, of text: UnsafeBufferPointer<UInt8>) -> UInt8? {
        index < text.count ? text[index] : nil
    }

    private static var cr: UInt8 { 0x0D }
    private static var lf: UInt8 { 0x0A }
}
