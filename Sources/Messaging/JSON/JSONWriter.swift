public import NIOCore

/// Writes one JSON document (RFC 8259) straight into a byte buffer, in one pass and without intermediate values.
///
/// It puts the commas; that begins and ends pair up, and that a key stands before each value of an object, is the
/// caller's part. Text is written as UTF-8; only what RFC 8259 section 7 demands is escaped.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var buffer: ByteBuffer
    private var needsComma = false

    /// - Parameter capacity: bytes to reserve; it grows as needed.
    public init(capacity: Int = 512) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }
}

// MARK: - Structure

extension JSONWriter {
    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name. A literal of the program: it must need no escaping.
    public mutating func key(_ name: StaticString) {
        write(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), endingWith: "\":")
        needsComma = false
    }

    /// Writes a member's name, whatever it contains.
    public mutating func key(text name: String) {
        string(name)
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        buffer.writeInteger(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma {
            buffer.writeInteger(UInt8(ascii: ","))
        }
    }
}

// MARK: - Values

extension JSONWriter {
    public mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            if bytes.contains(where: \.mustBeEscaped) {
                separate()
                write(quoting: bytes)
            } else {
                write(bytes, endingWith: "\"")
            }
        }
        needsComma = true
    }

    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        buffer.writeString(String(value))
        needsComma = true
    }

    public mutating func null() { literal("null") }
    public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    /// Writes Unix milliseconds as an RFC 3339 string; see ``RFC3339``.
    public mutating func time(_ milliseconds: Int64) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeString(RFC3339.string(unixMilliseconds: milliseconds))
        buffer.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes a value that is JSON already, as it is. The caller answers for its being one whole JSON value.
    public mutating func json(_ document: String) {
        separate()
        buffer.writeString(document)
        needsComma = true
    }

    private mutating func literal(_ text: StaticString) {
        separate()
        buffer.writeStaticString(text)
        needsComma = true
    }
}

// MARK: - Members

extension JSONWriter {
    public mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    public mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
        key(name)
        integer(value)
    }

    public mutating func member(_ name: StaticString, bool value: Bool) {
        key(name)
        bool(value)
    }

    public mutating func member(_ name: StaticString, _ values: [String]) {
        key(name)
        beginArray()
        for value in values {
            string(value)
        }
        endArray()
    }

    /// Writes an object of strings, its members in the order of their names, so that equal values give equal bytes.
    public mutating func member(_ name: StaticString, _ values: [String: String]) {
        key(name)
        beginObject()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            key(text: name)
            string(value)
        }
        endObject()
    }

    /// Writes Unix milliseconds as an RFC 3339 string.
    public mutating func member(_ name: StaticString, time milliseconds: Int64) {
        key(name)
        time(milliseconds)
    }
}

// MARK: - Escaping

extension JSONWriter {
    /// Writes text that needs no escape behind a quote, and a comma before it where one is due: all in one step, since most
    /// of a document is written so.
    private mutating func write(_ text: UnsafeRawBufferPointer, endingWith end: StaticString) {
        let start: StaticString = needsComma ? ",\"" : "\""
        let (first, last) = (start.utf8CodeUnitCount, end.utf8CodeUnitCount)
        let length = first + text.count + last
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: start.utf8Start, count: first))
            UnsafeMutableRawBufferPointer(rebasing: target[first...]).copyMemory(from: text)
            UnsafeMutableRawBufferPointer(rebasing: target[(first + text.count)...])
                .copyMemory(from: UnsafeRawBufferPointer(start: end.utf8Start, count: last))
            return length
        }
    }

    /// Copies runs that need no escape as a whole.
    private mutating func write(quoting bytes: UnsafeRawBufferPointer) {
        buffer.writeInteger(UInt8(ascii: "\""))
        var run = 0
        for position in bytes.indices where bytes[position].mustBeEscaped {
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run..<position]))
            write(escape: bytes[position])
            run = position + 1
        }
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run...]))
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    private mutating func write(escape byte: UInt8) {
        buffer.writeInteger(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: buffer.writeInteger(UInt8(ascii: "b"))
        case 0x09: buffer.writeInteger(UInt8(ascii: "t"))
        case 0x0A: buffer.writeInteger(UInt8(ascii: "n"))
        case 0x0C: buffer.writeInteger(UInt8(ascii: "f"))
        case 0x0D: buffer.writeInteger(UInt8(ascii: "r"))
        case 0x20...: buffer.writeInteger(byte)
        default:
            buffer.writeStaticString("u00")
            buffer.writeInteger(UInt8(ascii: "0") + byte >> 4)
            let digit = byte & 0xF
            buffer.writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension UInt8 {
    /// In a string of JSON (RFC 8259 section 7).
    fileprivate var mustBeEscaped: Bool { self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") }
}
