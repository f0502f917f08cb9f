import NIOCore

/// `application/x-www-form-urlencoded` text (WHATWG URL, section 5): a body or a query. Keys keep their order and may
/// repeat, which Hummingbird's decoder for it refuses.
struct Form: Sendable, Equatable {
    private(set) var fields: [(key: String, value: String)] = []

    init(_ bytes: some Collection<UInt8>) {
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            if let equals = pair.firstIndex(of: UInt8(ascii: "=")) {
                fields.append((Self.decode(pair[..<equals]), Self.decode(pair[pair.index(after: equals)...])))
            } else {
                fields.append((Self.decode(pair), ""))
            }
        }
    }

    init(query: String?) {
        self.init((query ?? "").utf8)
    }

    /// The first value of a key; an empty one counts as absent, as it does at Twilio.
    subscript(key: String) -> String? {
        for field in fields where field.key == key { return field.value.isEmpty ? nil : field.value }
        return nil
    }

    func all(_ key: String) -> [String] {
        fields.lazy.filter { $0.key == key && !$0.value.isEmpty }.map(\.value)
    }

    static func == (left: Form, right: Form) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.key == $1.key && $0.value == $1.value }
    }

    /// `+` is a space, `%41` a byte, a `%` that starts no byte is itself.
    private static func decode(_ bytes: some Collection<UInt8>) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index != bytes.endIndex {
            let byte = bytes[index]
            bytes.formIndex(after: &index)
            if byte == UInt8(ascii: "+") {
                decoded.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), let (value, next) = hexByte(bytes, at: index) {
                decoded.append(value)
                index = next
            } else {
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func hexByte<Bytes: Collection<UInt8>>(
        _ bytes: Bytes, at index: Bytes.Index
    ) -> (value: UInt8, next: Bytes.Index)? {
        guard index != bytes.endIndex, let high = hexDigit(bytes[index]) else { return nil }
        let second = bytes.index(after: index)
        guard second != bytes.endIndex, let low = hexDigit(bytes[second]) else { return nil }
        return (high << 4 | low, bytes.index(after: second))
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Form {
    /// Text as one component of a query: everything but RFC 3986's unreserved characters is escaped.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += byte < 16 ? "%0" : "%"
                escaped += String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
