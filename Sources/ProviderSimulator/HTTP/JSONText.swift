import NIOCore

/// JSON written straight into a buffer, in the order in which it is told and with the nulls that Twilio writes. It is
/// what the hot answers use: an encoder costs more than the rest of the request.
struct JSONText: Sendable {
    private(set) var buffer = ByteBufferAllocator().buffer(capacity: 1024)
    private var needsComma = false

    static func object(_ members: (inout JSONText) -> Void) -> ByteBuffer {
        var text = JSONText()
        text.object(members)
        return text.buffer
    }

    mutating func object(_ members: (inout JSONText) -> Void) {
        enclose("{", "}", members)
    }

    mutating func object(_ name: StaticString, _ members: (inout JSONText) -> Void) {
        key(name)
        enclose("{", "}", members)
    }

    mutating func array(_ name: StaticString, _ elements: (inout JSONText) -> Void) {
        key(name)
        enclose("[", "]", elements)
    }

    mutating func member(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { string(value) } else { buffer.writeStaticString("null") }
        needsComma = true
    }

    mutating func member(_ name: StaticString, _ value: Int?) {
        key(name)
        buffer.writeString(value.map(String.init) ?? "null")
        needsComma = true
    }

    private mutating func key(_ name: StaticString) {
        comma()
        buffer.writeStaticString("\"")
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
        needsComma = false
    }

    private mutating func comma() {
        if needsComma { buffer.writeStaticString(",") }
    }

    private mutating func enclose(_ open: StaticString, _ close: StaticString, _ inner: (inout JSONText) -> Void) {
        comma()
        buffer.writeStaticString(open)
        needsComma = false
        inner(&self)
        buffer.writeStaticString(close)
        needsComma = true
    }

    private mutating func string(_ value: String) {
        var value = value
        buffer.writeStaticString("\"")
        value.withUTF8 { bytes in
            var clean = 0
            for (index, byte) in bytes.enumerated() {
                guard let escape = Self.escape(byte) else { continue }
                buffer.writeBytes(bytes[clean..<index])
                buffer.writeString(escape)
                clean = index + 1
            }
            buffer.writeBytes(bytes[clean...])
        }
        buffer.writeStaticString("\"")
    }

    /// RFC 8259, section 7: the quotation mark, the reverse solidus and the control characters.
    private static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        case 0..<0x20: "\\u00" + (byte < 16 ? "0" : "1") + String(byte & 15, radix: 16)
        default: nil
        }
    }
}
