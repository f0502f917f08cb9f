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
        append(String(number))
    }

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
    fileprivate func endLine(at place: Int) {
        self[place] = UInt8(ascii: "\r")
        self[place + 1] = UInt8(ascii: "\n")
    }
}
