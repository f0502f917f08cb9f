/// A parameter of a statement: a type and a value or NULL, in Postgres's binary form.
public struct PostgresValue: Sendable {
    /// What is turned into bytes only when it is sent.
    enum Content: Sendable {
        case null
        case bool(Bool)
        case int16(Int16)
        case int32(Int32)
        case int64(Int64)
        case uuid(PostgresUUID)
        case text(String)
        case bytes([UInt8])
        case column(PostgresColumn)
    }

    let oid: UInt32
    let content: Content

    init(oid: UInt32, _ content: Content?) {
        self.oid = oid
        self.content = content ?? .null
    }

    private init(_ type: PostgresType, _ content: Content?) { self.init(oid: type.oid, content) }

    public static func int(_ value: Int64?) -> PostgresValue { .init(.int8, value.map { .int64($0) }) }

    public static func int32(_ value: Int32?) -> PostgresValue { .init(.int4, value.map { .int32($0) }) }

    public static func int16(_ value: Int16?) -> PostgresValue { .init(.int2, value.map { .int16($0) }) }

    public static func double(_ value: Double?) -> PostgresValue {
        .init(.float8, value.map { .int64(Int64(bitPattern: $0.bitPattern)) })
    }

    public static func bool(_ value: Bool?) -> PostgresValue { .init(.bool, value.map { .bool($0) }) }

    /// Postgres cannot hold U+0000 in a text and refuses it as an error of data.
    public static func text(_ value: String?) -> PostgresValue { .init(.text, value.map { .text($0) }) }

    /// JSON text; for a column of `json` or `jsonb`.
    public static func json(_ value: String?) -> PostgresValue { .init(.json, value.map { .text($0) }) }

    public static func uuid(_ value: PostgresUUID?) -> PostgresValue { .init(.uuid, value.map { .uuid($0) }) }

    /// A `timestamptz` in milliseconds since 1970. One that Postgres cannot hold is refused as an error of data.
    public static func time(_ unixMilliseconds: Int64?) -> PostgresValue {
        .init(.timestamptz, unixMilliseconds.map { .int64(TimeForm.postgres(unixMilliseconds: $0)) })
    }

    public static func bytes(_ value: [UInt8]?) -> PostgresValue { .init(.bytea, value.map { .bytes($0) }) }

    public static func texts(_ values: [String?]) -> PostgresValue {
        column(.text, values) { $0.append(text: $1) }
    }

    public static func ints(_ values: [Int64?]) -> PostgresValue {
        column(.int8, values) { $0.append(int: $1) }
    }

    public static func uuids(_ values: [PostgresUUID?]) -> PostgresValue {
        column(.uuid, values) { $0.append(uuid: $1) }
    }

    private static func column<Value>(
        _ type: PostgresType, _ values: [Value?], _ append: (inout PostgresColumn, Value) -> Void
    ) -> PostgresValue {
        var column = PostgresColumn(type, capacity: values.count)
        for value in values {
            if let value { append(&column, value) } else { column.appendNull() }
        }
        return column.value
    }
}

extension PostgresValue {
    /// Appends the binary form. NULL has none.
    func write(to bytes: inout [UInt8]) {
        switch content {
        case .null: break
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .int16(let value): bytes.append(bigEndian: value)
        case .int32(let value): bytes.append(bigEndian: value)
        case .int64(let value): bytes.append(bigEndian: value)
        case .uuid(let value):
            bytes.append(bigEndian: value.high)
            bytes.append(bigEndian: value.low)
        case .text(let value): bytes.append(contentsOf: value.utf8)
        case .bytes(let value): bytes.append(contentsOf: value)
        case .column(let column): column.write(to: &bytes)
        }
    }

    /// Why it cannot be sent.
    var defect: String? {
        if case .column(let column) = content { column.defect } else { nil }
    }
}
