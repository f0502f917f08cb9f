/// A row of an answer. Each value is asked for by the name of its column; a column that is not there, is of another type
/// or NULL is an ``PostgresError`` `unexpectedResult` that names it. The methods that end in `IfAny` give nil for NULL.
public struct PostgresRow: Sendable {
    let result: ServerResult
    let columns: [String: Int32]
    let index: Int32

    /// `int8`, `int4` or `int2`.
    public func int(_ name: String) throws(PostgresError) -> Int64 { try present(intIfAny(name), name) }
    public func intIfAny(_ name: String) throws(PostgresError) -> Int64? {
        try value(name, "an integer", BinaryCell.int)
    }

    /// `float8` or `float4`.
    public func double(_ name: String) throws(PostgresError) -> Double { try present(doubleIfAny(name), name) }
    public func doubleIfAny(_ name: String) throws(PostgresError) -> Double? {
        try value(name, "a double", BinaryCell.double)
    }

    public func bool(_ name: String) throws(PostgresError) -> Bool { try present(boolIfAny(name), name) }
    public func boolIfAny(_ name: String) throws(PostgresError) -> Bool? {
        try value(name, "a boolean", BinaryCell.bool)
    }

    /// `text`, `varchar`, `char`, an enumeration's label, or JSON.
    public func text(_ name: String) throws(PostgresError) -> String { try present(textIfAny(name), name) }
    public func textIfAny(_ name: String) throws(PostgresError) -> String? {
        try value(name, "a text", BinaryCell.text)
    }

    /// The text of `json` or `jsonb`.
    public func json(_ name: String) throws(PostgresError) -> String { try present(jsonIfAny(name), name) }
    public func jsonIfAny(_ name: String) throws(PostgresError) -> String? {
        try value(name, "JSON", BinaryCell.json)
    }

    public func uuid(_ name: String) throws(PostgresError) -> PostgresUUID { try present(uuidIfAny(name), name) }
    public func uuidIfAny(_ name: String) throws(PostgresError) -> PostgresUUID? {
        try value(name, "a UUID", BinaryCell.uuid)
    }

    /// `timestamptz` or `timestamp` in milliseconds since 1970, rounded down. Infinity is no such number.
    public func time(_ name: String) throws(PostgresError) -> Int64 { try present(timeIfAny(name), name) }
    public func timeIfAny(_ name: String) throws(PostgresError) -> Int64? {
        try value(name, "a finite time", BinaryCell.time)
    }

    public func bytes(_ name: String) throws(PostgresError) -> [UInt8] { try present(bytesIfAny(name), name) }
    public func bytesIfAny(_ name: String) throws(PostgresError) -> [UInt8]? {
        try value(name, "bytes", BinaryCell.bytes)
    }

    /// An array of one dimension, without NULLs.
    public func texts(_ name: String) throws(PostgresError) -> [String] { try present(textsIfAny(name), name) }
    public func textsIfAny(_ name: String) throws(PostgresError) -> [String]? {
        try value(name, "an array of texts") { $0.elements(BinaryCell.text) }
    }

    /// An array of one dimension, without NULLs.
    public func ints(_ name: String) throws(PostgresError) -> [Int64] { try present(intsIfAny(name), name) }
    public func intsIfAny(_ name: String) throws(PostgresError) -> [Int64]? {
        try value(name, "an array of integers") { $0.elements(BinaryCell.int) }
    }

    /// An array of one dimension, without NULLs.
    public func uuids(_ name: String) throws(PostgresError) -> [PostgresUUID] { try present(uuidsIfAny(name), name) }
    public func uuidsIfAny(_ name: String) throws(PostgresError) -> [PostgresUUID]? {
        try value(name, "an array of UUIDs") { $0.elements(BinaryCell.uuid) }
    }

    public func isNull(_ name: String) throws(PostgresError) -> Bool {
        try result.bytes(row: index, column: column(name)) == nil
    }

    private func column(_ name: String) throws(PostgresError) -> Int32 {
        guard let column = columns[name] else {
            throw PostgresError(.unexpectedResult, "there is no column \(name)")
        }
        return column
    }

    private func value<Value>(
        _ name: String, _ what: String, _ decode: (BinaryCell) -> Value?
    ) throws(PostgresError) -> Value? {
        let column = try column(name)
        guard let bytes = result.bytes(row: index, column: column) else { return nil }
        let type = result.type(ofColumn: column)
        guard let value = decode(BinaryCell(bytes: bytes, type: type)) else {
            throw PostgresError(.unexpectedResult, "the column \(name) (of type \(type)) is not \(what)")
        }
        return value
    }

    private func present<Value>(_ value: Value?, _ name: String) throws(PostgresError) -> Value {
        guard let value else { throw PostgresError(.unexpectedResult, "the column \(name) is NULL") }
        return value
    }
}
