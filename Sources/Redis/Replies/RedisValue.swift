public import NIOCore

/// A reply of Redis (RESP2). Bulk strings of one reply share its memory.
public enum RedisValue: Sendable, Equatable {
    case null
    case status(String)
    case error(String)
    case integer(Int64)
    case bulk(ByteBuffer)
    case array([RedisValue])
}

extension RedisValue {
    /// A bulk string or status as text.
    public var string: String? {
        switch self {
        case .bulk(let bytes): String(buffer: bytes)
        case .status(let text): text
        default: nil
        }
    }

    /// An integer, or a bulk string that holds one.
    public var int: Int64? {
        switch self {
        case .integer(let value): value
        case .bulk(let bytes): Int64(String(buffer: bytes))
        default: nil
        }
    }

    public var bytes: ByteBuffer? {
        if case .bulk(let bytes) = self { bytes } else { nil }
    }

    /// The elements of an array; a null array has none.
    public var array: [RedisValue]? {
        switch self {
        case .array(let values): values
        case .null: []
        default: nil
        }
    }

    /// An array of names and values in turn (HGETALL, XINFO) as a dictionary.
    public var map: [String: RedisValue]? {
        guard let array, array.count.isMultiple(of: 2) else { return nil }
        var map: [String: RedisValue] = [:]
        map.reserveCapacity(array.count / 2)
        for index in stride(from: 0, to: array.count, by: 2) {
            guard let name = array[index].string else { return nil }
            map[name] = array[index + 1]
        }
        return map
    }
}

extension RedisError {
    /// The error for a reply of a shape that the command never has.
    public static func unexpected(_ value: RedisValue, of command: String) -> RedisError {
        RedisError(.unexpectedReply, "\(command) answered \(value)".prefix(200).description, mayHaveRun: true)
    }
}
