package import NIOCore

/// Reads a JSON document (RFC 8259) once, from the front, as its reader asks for it.
///
/// A decoder of `Codable` stops at the first fault, takes the last of two members of one name without a word and cannot
/// tell where it is; the ingress reports all faults with their places, so documents are read by this. Strict: nothing
/// is taken that the grammar does not have. Bounded: the depth has a limit, and nothing is copied but strings.
package struct JSONScanner {
    package enum Kind: String {
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case number = "a number"
        case bool = "a boolean"
        case null
    }

    /// How deep objects and arrays may lie in each other.
    package static let maximumDepth = 32

    package let bytes: [UInt8]
    package var position = 0
    private var depth = 0
    /// Whether a value ended just before, so that a comma must come before the next one.
    private var followsValue = false

    package init(_ buffer: ByteBuffer) {
        bytes = Array(buffer.readableBytesView)
    }

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    package func fault(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(reason, at: offset ?? position, of: bytes)
    }
}

// MARK: - Structure

extension JSONScanner {
    /// What the next value is. Nothing but white space is passed over.
    package mutating func peek() throws(JSONSyntaxError) -> Kind {
        guard let byte = nextByte() else { throw fault("the text ends where a value was expected") }
        switch byte {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        default: throw fault("a value was expected")
        }
    }

    /// Enters an object whose brace ``peek()`` has seen; then ask for ``nextKey()`` until it gives nil.
    package mutating func beginObject() throws(JSONSyntaxError) { try enter(UInt8(ascii: "{")) }

    /// Enters an array whose bracket ``peek()`` has seen; then ask for ``nextElement()`` until it gives false.
    package mutating func beginArray() throws(JSONSyntaxError) { try enter(UInt8(ascii: "[")) }

    /// The name of the object's next member, whose value must be read next; nil at the object's end.
    package mutating func nextKey() throws(JSONSyntaxError) -> String? { try nextMember()?.name }

    /// The same, and where the member begins.
    package mutating func nextMember() throws(JSONSyntaxError) -> (name: String, start: Int)? {
        guard try !leaves(at: UInt8(ascii: "}")) else { return nil }
        guard nextByte() == UInt8(ascii: "\"") else { throw fault("the name of a member was expected") }
        let start = position
        let name = try scanString()
        try expect(UInt8(ascii: ":"), "a colon was expected after the name of a member")
        return (name, start)
    }

    /// Whether the array has another element, which must be read next.
    package mutating func nextElement() throws(JSONSyntaxError) -> Bool {
        try !leaves(at: UInt8(ascii: "]"))
    }

    /// Refuses whatever follows the document.
    package mutating func finish() throws(JSONSyntaxError) {
        guard nextByte() == nil else { throw fault("the document ends before this") }
    }

    private mutating func enter(_ bracket: UInt8) throws(JSONSyntaxError) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw fault("nested deeper than \(Self.maximumDepth)") }
        try expect(bracket, "an object or array was expected")
        followsValue = false
    }

    /// Passes the closing bracket, or the comma between two values.
    private mutating func leaves(at bracket: UInt8) throws(JSONSyntaxError) -> Bool {
        if nextByte() == bracket {
            position += 1
            depth -= 1
            followsValue = true
            return true
        }
        if followsValue {
            try expect(UInt8(ascii: ","), "a comma or the end of the object or array was expected")
            followsValue = false
        }
        return false
    }

    private mutating func expect(_ byte: UInt8, _ reason: String) throws(JSONSyntaxError) {
        guard nextByte() == byte else { throw fault(reason) }
        position += 1
    }

    /// The next byte that is no white space, not passed over; nil at the end.
    private mutating func nextByte() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            case let byte: return byte
            }
        }
        return nil
    }
}

// MARK: - Values

extension JSONScanner {
    /// Reads a string whose quote ``peek()`` has seen.
    package mutating func string() throws(JSONSyntaxError) -> String {
        let text = try scanString()
        followsValue = true
        return text
    }

    /// Passes over the next value, whatever it is; all of it must be well-formed.
    package mutating func skipValue() throws(JSONSyntaxError) {
        switch try peek() {
        case .object:
            try beginObject()
            while try nextKey() != nil {
                try skipValue()
            }
        case .array:
            try beginArray()
            while try nextElement() {
                try skipValue()
            }
        case .string: try skipString()
        case .number: try skipNumber()
        case .bool: try skip(bytes[position] == UInt8(ascii: "t") ? "true" : "false")
        case .null: try skip("null")
        }
        followsValue = true
    }

    private mutating func skip(_ word: StaticString) throws(JSONSyntaxError) {
        let end = position + word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { bytes.dropFirst(position).prefix($0.count).elementsEqual($0) }
        guard matches else { throw fault("a value was expected") }
        position = end
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func skipNumber() throws(JSONSyntaxError) {
        if bytes[position] == UInt8(ascii: "-") {
            position += 1
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONSyntaxError) {
        let start = position
        while position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") {
            position += 1
        }
        guard position > start else { throw fault("a digit was expected") }
    }
}
