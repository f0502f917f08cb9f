public import NIOCore

/// A command, encoded as it is built: no list of arguments is kept beside the bytes.
public struct RedisCommand: Sendable {
    /// How many arguments there are, the command's name among them.
    public private(set) var count = 0
    private var body = ByteBuffer()

    /// How many bytes its arguments have, as they are sent.
    var size: Int { body.readableBytes }

    public init() {}

    /// - Parameter words: the name and the first arguments.
    public init(_ words: String...) {
        for word in words { append(word) }
    }

    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    public mutating func append(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { append($0) }
    }

    /// `$<length>\r\n<bytes>\r\n`, in one step: there are a dozen for each job.
    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        count += 1
        let digits = bytes.count.digits
        let length = 1 + digits + 2 + bytes.count + 2
        body.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
            target[0] = UInt8(ascii: "$")
            var rest = bytes.count
            for place in stride(from: digits, to: 0, by: -1) {
                target[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            target.endLine(at: digits + 1)
            UnsafeMutableRawBufferPointer(rebasing: target[(digits + 3)...]).copyMemory(from: bytes)
            target.endLine(at: length - 2)
            return length
        }
    }

    public mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeTemporaryAllocation(byteCount: Self.longestNumber, alignment: 1) { text in
            append(UnsafeRawBufferPointer(rebasing: text[text.endWrite(number, at: text.count)...]))
        }
    }

    /// Appends two numbers with a hyphen between them, as the id of a stream's entry has them.
    public mutating func append(_ first: UInt64, _ second: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 2 * Self.longestNumber + 1, alignment: 1) { text in
            let hyphen = text.endWrite(second, at: text.count) - 1
            text[hyphen] = UInt8(ascii: "-")
            append(UnsafeRawBufferPointer(rebasing: text[text.endWrite(first, at: hyphen)...]))
        }
    }

    /// Digits of a number of 64 bits, and a sign.
    private static let longestNumber = 21

    /// Appends the arguments of another command.
    mutating func append(argumentsOf other: RedisCommand) {
        count += other.count
        body.writeImmutableBuffer(other.body)
    }

    /// Writes the command as an array of bulk strings, which is how RESP sends commands.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString("*")
        buffer.writeString(String(count))
        buffer.writeStaticString("\r\n")
        buffer.writeImmutableBuffer(body)
    }
}

extension Int {
    /// How many digits it has; it is not negative.
    fileprivate var digits: Int {
        var (count, rest) = (1, self / 10)
        while rest > 0 { (count, rest) = (count + 1, rest / 10) }
        return count
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Writes a number so that it ends before a place.
    ///
    /// - Returns: where it begins.
    fileprivate func endWrite(_ number: some FixedWidthInteger, at end: Int) -> Int {
        var (place, rest) = (end, UInt64(number.magnitude))
        repeat {
            place -= 1
            self[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        guard number < 0 else { return place }
        self[place - 1] = UInt8(ascii: "-")
        return place - 1
    }

    fileprivate func endLine(at place: Int) {
        self[place] = UInt8(ascii: "\r")
        self[place + 1] = UInt8(ascii: "\n")
    }
}
