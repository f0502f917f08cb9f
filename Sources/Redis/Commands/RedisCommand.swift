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
        count += 1
        body.writeStaticString("$")
        body.writeString(String(text.utf8.count))
        body.writeStaticString("\r\n")
        body.writeString(text)
        body.writeStaticString("\r\n")
    }

    public mutating func append(_ bytes: ByteBuffer) {
        count += 1
        body.writeStaticString("$")
        body.writeString(String(bytes.readableBytes))
        body.writeStaticString("\r\n")
        body.writeImmutableBuffer(bytes)
        body.writeStaticString("\r\n")
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
