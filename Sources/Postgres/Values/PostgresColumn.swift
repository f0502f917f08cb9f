/// An array parameter, built in place: for `unnest`, which turns columns into rows.
///
/// A value that is not of the column's type makes the whole column unusable: the statement it is sent with throws
/// `badParameter`.
public struct PostgresColumn: Sendable {
    public let type: PostgresType
    public private(set) var count = 0
    /// The elements, each with its length in front.
    private var elements: [UInt8] = []
    private var hasNull = false
    private(set) var defect: String?

    /// - Parameter capacity: how many elements to make room for.
    public init(_ type: PostgresType, capacity: Int) {
        self.type = type
        let size =
            switch type {
            case .int8, .float8, .timestamptz: 8
            case .int4: 4
            case .int2: 2
            case .bool: 1
            case .uuid: 16
            case .text, .json, .bytea: 24
            }
        elements.reserveCapacity(capacity * (4 + size))
    }

    public var value: PostgresValue { PostgresValue(oid: type.arrayOID, .column(self)) }

    public mutating func appendNull() {
        count += 1
        hasNull = true
        elements.append(bigEndian: Int32(-1))
    }

    /// For `int8`, `int4` and `int2`.
    public mutating func append(int value: Int64) {
        switch type {
        case .int8: append(number: value)
        case .int4: append(exactly: Int32(exactly: value))
        case .int2: append(exactly: Int16(exactly: value))
        default: refuse("an integer")
        }
    }

    public mutating func append(double value: Double) {
        expect(.float8, "a double")
        append(number: value.bitPattern)
    }

    public mutating func append(bool value: Bool) {
        expect(.bool, "a boolean")
        append(number: UInt8(value ? 1 : 0))
    }

    public mutating func append(uuid value: PostgresUUID) {
        expect(.uuid, "a UUID")
        append(size: 16)
        elements.append(bigEndian: value.high)
        elements.append(bigEndian: value.low)
    }

    /// For `timestamptz`.
    public mutating func append(unixMilliseconds value: Int64) {
        expect(.timestamptz, "a time")
        append(number: TimeForm.postgres(unixMilliseconds: value))
    }

    /// For `text` and `json`.
    public mutating func append(text value: String) { append(utf8: value.utf8) }

    /// For `text` and `json`: UTF-8, which the server checks.
    public mutating func append(utf8 bytes: some Sequence<UInt8>) {
        if type != .text, type != .json { refuse("a text") }
        append(raw: bytes)
    }

    /// For `text` and `json`: UTF-8, which the server checks.
    public mutating func append(utf8 bytes: UnsafeRawBufferPointer) {
        if type != .text, type != .json { refuse("a text") }
        append(raw: bytes)
    }

    public mutating func append(bytes: some Sequence<UInt8>) {
        expect(.bytea, "bytes")
        append(raw: bytes)
    }

    /// The array's binary form: dimensions, whether there are NULLs, the elements' type, and of the one dimension its
    /// length and the index of its first element. An empty array has no dimension.
    func write(to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + 20 + elements.count)
        bytes.append(bigEndian: Int32(count == 0 ? 0 : 1))
        bytes.append(bigEndian: Int32(hasNull ? 1 : 0))
        bytes.append(bigEndian: type.oid)
        guard count > 0 else { return }
        bytes.append(bigEndian: Int32(clamping: count))
        bytes.append(bigEndian: Int32(1))
        bytes.append(contentsOf: elements)
    }

    private mutating func append(size: Int) {
        count += 1
        elements.append(bigEndian: Int32(clamping: size))
    }

    private mutating func append<Number: FixedWidthInteger>(number: Number) {
        append(size: MemoryLayout<Number>.size)
        elements.append(bigEndian: number)
    }

    private mutating func append<Number: FixedWidthInteger>(exactly number: Number?) {
        if let number { append(number: number) } else { refuse("a larger number") }
    }

    private mutating func append(raw bytes: some Sequence<UInt8>) {
        let start = elements.count
        append(size: 0)
        if bytes.withContiguousStorageIfAvailable({ elements.append(contentsOf: $0) }) == nil {
            elements.append(contentsOf: bytes)
        }
        let size = Int32(clamping: elements.count - start - 4)
        withUnsafeBytes(of: size.bigEndian) { elements.replaceSubrange(start..<start + 4, with: $0) }
    }

    private mutating func expect(_ expected: PostgresType, _ what: String) {
        if type != expected { refuse(what) }
    }

    private mutating func refuse(_ what: String) {
        defect = defect ?? "\(what) in a column of \(type)"
    }
}
