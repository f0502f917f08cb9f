import CHiredis
import NIOCore

/// hiredis's parser, owned: bytes in as they arrive, whole replies out.
struct ReplyReader: ~Copyable {
    private let reader: OpaquePointer

    /// - Throws: ``RedisError`` when there is no memory for a parser.
    init() throws(RedisError) {
        guard let reader = chiredis_reader_create() else {
            throw RedisError(.notConnected, "no memory for a reply parser")
        }
        self.reader = reader
    }

    deinit { chiredis_reader_free(reader) }

    mutating func feed(_ bytes: ByteBuffer) throws(RedisError) {
        let status = bytes.withUnsafeReadableBytes { chiredis_reader_feed(reader, $0.baseAddress, $0.count) }
        guard status == 0 else { throw failure() }
    }

    /// The next whole reply, or nil until more bytes are fed.
    mutating func next() throws(RedisError) -> RedisReply? {
        var reply = chiredis_reply()
        switch chiredis_reader_next(reader, &reply) {
        case 0: return nil
        case 1: return RedisReply(reply)
        default: throw failure()
        }
    }

    private func failure() -> RedisError {
        RedisError(.brokenProtocol, String(cString: chiredis_reader_error(reader)), mayHaveRun: true)
    }
}
