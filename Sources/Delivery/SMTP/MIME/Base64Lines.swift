/// Base64 that is base64 already, in lines of 76 characters (RFC 2045 section 6.8).
enum Base64Lines {
    private static let columns = 76

    /// Whitespace in `content` is passed over.
    ///
    /// - Returns: false where it is no padded base64; what was appended until then is of no use.
    static func append(_ content: String, to out: inout [UInt8]) -> Bool {
        var content = content
        return content.withUTF8 { bytes in
            var count = 0
            var padding = 0
            for byte in bytes {
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
                case UInt8(ascii: "="): padding += 1
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    if padding > 0 { return false }
                default: return false
                }
                if count > 0, count % columns == 0 { out.append(contentsOf: "\r\n".utf8) }
                out.append(byte)
                count += 1
            }
            return count % 4 == 0 && padding <= 2
        }
    }
}
