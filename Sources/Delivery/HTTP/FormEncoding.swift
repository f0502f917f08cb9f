import NIOCore

/// Forms are written straight into their buffer, without a tree of values in between.
extension ByteBuffer {
    /// Writes one field of an `application/x-www-form-urlencoded` body, with the `&` that parts it from an earlier one.
    ///
    /// - Parameter name: letters only; it is written as it is.
    mutating func writeFormField(_ name: StaticString, _ value: String) {
        if readableBytes > 0 { writeInteger(UInt8(ascii: "&")) }
        writeStaticString(name)
        writeInteger(UInt8(ascii: "="))
        writeFormEncoded(value)
    }

    /// Source: WHATWG URL, "application/x-www-form-urlencoded percent-encode set": all but letters, digits and `*-._`
    /// is escaped byte by byte, and a space is a plus.
    mutating func writeFormEncoded(_ string: String) {
        var string = string
        string.withUTF8 { bytes in
            _ = writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count * 3) { out in
                var count = 0
                for byte in bytes {
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"),
                        UInt8(ascii: "."), UInt8(ascii: "_"):
                        out[count] = byte
                        count += 1
                    case UInt8(ascii: " "):
                        out[count] = UInt8(ascii: "+")
                        count += 1
                    default:
                        out[count] = UInt8(ascii: "%")
                        out[count + 1] = hexDigit(byte >> 4)
                        out[count + 2] = hexDigit(byte & 0xF)
                        count += 3
                    }
                }
                return count
            }
        }
    }
}

/// In upper case.
func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}
