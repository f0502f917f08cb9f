/// The fields of an `application/x-www-form-urlencoded` text, in order and with their repetitions.
///
/// Stricter than WHATWG URL, section 5.1: a percent sign without two hexadecimal digits and bytes that are not UTF-8 are
/// refused, since a signature over a repaired text would mean nothing. Bounded, for it comes from outside.
public struct FormFields: Sendable, Equatable {
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public let all: [Field]

    /// The longest text that is read, in bytes; a vendor's callback has a few kB.
    public static let longestText = 65_536
    public static let mostFields = 256

    public init(_ fields: [Field]) { all = fields }

    /// - Throws: ``CallbackError`` where the text is malformed or too large.
    public init(_ text: String) throws(CallbackError) {
        guard text.utf8.count <= Self.longestText else {
            throw CallbackError("the form is longer than \(Self.longestText) bytes")
        }
        // No more pieces than it takes to see that they are too many.
        let pairs = text.utf8.split(separator: UInt8(ascii: "&"), maxSplits: Self.mostFields)
        guard pairs.count <= Self.mostFields else {
            throw CallbackError("the form has more than \(Self.mostFields) fields")
        }
        var fields: [Field] = []
        fields.reserveCapacity(pairs.count)
        for pair in pairs {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            fields.append(
                Field(name: try Self.decoded(name), value: try Self.decoded(pair[name.endIndex...].dropFirst())))
        }
        all = fields
    }

    /// The first value of a field, which may be empty; nil where there is no such field.
    public subscript(name: String) -> String? { all.first { $0.name == name }?.value }

    /// The first value, where it is not empty.
    func filled(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

    private static func decoded(_ text: Substring.UTF8View) throws(CallbackError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst()?.hexDigitValue, let low = rest.popFirst()?.hexDigitValue else {
                    throw CallbackError("the form has a percent sign without two hexadecimal digits")
                }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw CallbackError("the form is not UTF-8")
        }
        return decoded
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit, in either case.
    var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
