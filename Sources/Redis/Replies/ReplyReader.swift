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
    mutating func next() throws(RedisError) -> RedisValue? {
        var reply = chiredis_reply()
        switch chiredis_reader_next(reader, &reply) {
        case 0: return nil
        case 1:
            var tree = ReplyTree(reply)
            return tree.next()
        default: throw failure()
        }
    }

    private func failure() -> RedisError {
        RedisError(.brokenProtocol, String(cString: chiredis_reader_error(reader)), mayHaveRun: true)
    }
}

/// The flat form of a reply (parents before children) read back into a value.
private struct ReplyTree {
    private let nodes: UnsafeBufferPointer<chiredis_node>
    private let bytes: ByteBuffer
    private var position = 0

    init(_ reply: chiredis_reply) {
        nodes = UnsafeBufferPointer(start: reply.nodes, count: reply.node_count)
        bytes = ByteBuffer(bytes: UnsafeRawBufferPointer(start: reply.bytes, count: reply.byte_count))
    }

    mutating func next() -> RedisValue {
        let node = nodes[position]
        position += 1
        switch chiredis_kind(UInt32(node.kind)) {
        case CHIREDIS_STRING: return .bulk(slice(node))
        case CHIREDIS_INTEGER: return .integer(node.value)
        case CHIREDIS_STATUS: return .status(String(buffer: slice(node)))
        case CHIREDIS_ERROR: return .error(String(buffer: slice(node)))
        case CHIREDIS_ARRAY:
            var elements: [RedisValue] = []
            elements.reserveCapacity(Int(node.value))
            for _ in 0..<node.value { elements.append(next()) }
            return .array(elements)
        default: return .null
        }
    }

    private func slice(_ node: chiredis_node) -> ByteBuffer {
        bytes.getSlice(at: Int(node.offset), length: Int(node.value)) ?? ByteBuffer()
    }
}
