import CHiredis
public import NIOCore

/// A reply as it came: its elements in order, each array before what it holds, over one buffer. Of a reply with thousands
/// of elements that is a fraction of the work of ``RedisValue``, which is easier to handle.
public struct RedisReply: Sendable {
    private let nodes: [chiredis_node]
    private let bytes: ByteBuffer

    init(_ reply: chiredis_reply) {
        nodes = Array(UnsafeBufferPointer(start: reply.nodes, count: reply.node_count))
        bytes = ByteBuffer(bytes: UnsafeRawBufferPointer(start: reply.bytes, count: reply.byte_count))
    }

    public var value: RedisValue { read { $0.value() } }

    /// What the server says went wrong; nil for any other reply.
    var error: String? {
        guard nodes.first?.kind == CHIREDIS_ERROR.code else { return nil }
        return String(buffer: bytes)
    }

    /// Reads the reply from its first element on. What the cursor gives is valid inside `body` only, but for its values.
    public func read<Value>(_ body: (inout Cursor) -> Value) -> Value {
        nodes.withUnsafeBufferPointer { nodes in
            bytes.withUnsafeReadableBytes { raw in
                var cursor = Cursor(nodes: nodes, raw: raw, bytes: bytes)
                return body(&cursor)
            }
        }
    }

    /// A place in a reply. What does not find what it asks for leaves the cursor where it is; behind the last element there
    /// is nothing.
    public struct Cursor {
        fileprivate let nodes: UnsafeBufferPointer<chiredis_node>
        fileprivate let raw: UnsafeRawBufferPointer
        fileprivate let bytes: ByteBuffer
        private var position = 0

        fileprivate init(nodes: UnsafeBufferPointer<chiredis_node>, raw: UnsafeRawBufferPointer, bytes: ByteBuffer) {
            self.nodes = nodes
            self.raw = raw
            self.bytes = bytes
        }

        private func next(_ kind: chiredis_kind) -> chiredis_node? {
            guard position < nodes.count, nodes[position].kind == kind.code else { return nil }
            return nodes[position]
        }

        /// Goes into an array.
        ///
        /// - Returns: how many elements follow that are its own. A null array has none.
        public mutating func array() -> Int? {
            guard let node = next(CHIREDIS_ARRAY) else {
                guard next(CHIREDIS_NIL) != nil else { return nil }
                position += 1
                return 0
            }
            position += 1
            return Int(node.value)
        }

        /// The bytes of a bulk string, where they stand.
        public mutating func text() -> UnsafeRawBufferPointer? {
            guard let node = next(CHIREDIS_STRING) else { return nil }
            position += 1
            let start = Int(node.offset)
            return UnsafeRawBufferPointer(rebasing: raw[start..<start + Int(node.value)])
        }

        /// A bulk string as a part of the reply's memory.
        public mutating func buffer() -> ByteBuffer? {
            guard let node = next(CHIREDIS_STRING) else { return nil }
            position += 1
            return bytes.slice(node)
        }

        public mutating func string() -> String? { text().map { String(decoding: $0, as: UTF8.self) } }

        /// An integer, or a bulk string that holds one.
        public mutating func integer() -> Int64? {
            if let node = next(CHIREDIS_INTEGER) {
                position += 1
                return node.value
            }
            var ahead = self
            guard let integer = ahead.text().flatMap(Int64.init(ascii:)) else { return nil }
            self = ahead
            return integer
        }

        /// Goes past a bulk string, if it is this one.
        public mutating func skip(_ name: StaticString) -> Bool {
            guard let node = next(CHIREDIS_STRING), node.value == name.utf8CodeUnitCount else { return false }
            for place in 0..<name.utf8CodeUnitCount where raw[Int(node.offset) + place] != name.utf8Start[place] {
                return false
            }
            position += 1
            return true
        }

        /// Goes past an element, whatever it is, and all that it holds.
        public mutating func skip() {
            var left = 1
            while left > 0, position < nodes.count {
                left -= 1
                if nodes[position].kind == CHIREDIS_ARRAY.code { left += Int(nodes[position].value) }
                position += 1
            }
        }

        fileprivate mutating func value() -> RedisValue {
            let node = nodes[position]
            position += 1
            switch chiredis_kind(UInt32(node.kind)) {
            case CHIREDIS_STRING: return .bulk(bytes.slice(node))
            case CHIREDIS_INTEGER: return .integer(node.value)
            case CHIREDIS_STATUS: return .status(String(buffer: bytes.slice(node)))
            case CHIREDIS_ERROR: return .error(String(buffer: bytes.slice(node)))
            case CHIREDIS_ARRAY:
                var elements: [RedisValue] = []
                elements.reserveCapacity(Int(node.value))
                for _ in 0..<node.value { elements.append(value()) }
                return .array(elements)
            default: return .null
            }
        }
    }
}

extension chiredis_kind {
    fileprivate var code: Int32 { Int32(rawValue) }
}

extension ByteBuffer {
    fileprivate func slice(_ node: chiredis_node) -> ByteBuffer {
        getSlice(at: Int(node.offset), length: Int(node.value)) ?? ByteBuffer()
    }
}

extension Int64 {
    /// Reads decimal digits, with a sign before them or none; nothing else, and nothing out of range.
    package init?(ascii: UnsafeRawBufferPointer) {
        let isNegative = ascii.first == UInt8(ascii: "-")
        let digits = isNegative || ascii.first == UInt8(ascii: "+") ? ascii.dropFirst() : ascii[...]
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (shifted, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isBeyond) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !isOver, !isBeyond else { return nil }
            value = sum
        }
        self = value
    }
}
