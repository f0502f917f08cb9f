import NIOCore

/// Cuts a stream of bytes into lines, whatever pieces it comes in. It holds what is not yet a line, and no more of it
/// than a line may have.
struct LineReader {
    /// A line is longer than a line may be.
    struct TooLong: Error {}

    private let limit: Int
    private var rest = ByteBuffer()
    /// How much of the rest is known to have no line break.
    private var searched = 0

    /// - Parameter limit: of a line, in bytes.
    init(limit: Int) { self.limit = limit }

    /// How many bytes are held.
    var held: Int { rest.readableBytes }

    mutating func append(_ bytes: ByteBuffer) {
        var bytes = bytes
        if rest.readableBytes == 0 {
            rest = bytes
        } else {
            rest.discardReadBytes()
            rest.writeBuffer(&bytes)
        }
    }

    /// The next whole line, without its break; nil: more bytes must come.
    mutating func next() throws(TooLong) -> ByteBuffer? {
        let view = rest.readableBytesView
        guard let end = view.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) else {
            searched = rest.readableBytes
            guard searched <= limit else { throw TooLong() }
            return nil
        }
        searched = 0
        let length = end - view.startIndex
        guard length <= limit else { throw TooLong() }
        guard let line = rest.readSlice(length: length) else { return nil }
        rest.moveReaderIndex(forwardBy: 1)
        return line
    }

    /// What stands after the last line break, once all has come.
    mutating func last() -> ByteBuffer? {
        rest.readableBytes > 0 ? rest.readSlice(length: rest.readableBytes) : nil
    }
}

extension ByteBuffer {
    /// Whether it has nothing but white space.
    var isBlank: Bool { readableBytesView.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
}
