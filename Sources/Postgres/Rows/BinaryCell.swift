/// A value of a row in Postgres's binary form, and the number of its type. Each reading gives nil where the type is not
/// one that it reads.
struct BinaryCell {
    let bytes: UnsafeRawBufferPointer
    let type: UInt32

    /// The first number that a type made in a database has: an enumeration or `citext`, whose values are texts.
    private static let firstOwnType: UInt32 = 16384

    static func int(_ cell: BinaryCell) -> Int64? {
        switch cell.type {
        case 20: cell.bytes.bigEndian(Int64.self)
        case 23: cell.bytes.bigEndian(Int32.self).map { Int64($0) }
        case 21: cell.bytes.bigEndian(Int16.self).map { Int64($0) }
        default: nil
        }
    }

    static func double(_ cell: BinaryCell) -> Double? {
        switch cell.type {
        case 701: cell.bytes.bigEndian(UInt64.self).map { Double(bitPattern: $0) }
        case 700: cell.bytes.bigEndian(UInt32.self).map { Double(Float(bitPattern: $0)) }
        default: nil
        }
    }

    static func bool(_ cell: BinaryCell) -> Bool? {
        cell.type == 16 ? cell.bytes.first.map { $0 != 0 } : nil
    }

    static func text(_ cell: BinaryCell) -> String? {
        switch cell.type {
        // text, varchar, char(n), name, and a literal of no type
        case 25, 1043, 1042, 19, 705, firstOwnType...: String(decoding: cell.bytes, as: UTF8.self)
        default: json(cell)
        }
    }

    static func json(_ cell: BinaryCell) -> String? {
        switch cell.type {
        case 114: String(decoding: cell.bytes, as: UTF8.self)
        // jsonb has the number of its form in front.
        case 3802: cell.bytes.first == 1 ? String(decoding: cell.bytes.dropFirst(), as: UTF8.self) : nil
        default: nil
        }
    }

    static func uuid(_ cell: BinaryCell) -> PostgresUUID? {
        guard cell.type == 2950, cell.bytes.count == 16,
            let high = UnsafeRawBufferPointer(rebasing: cell.bytes[..<8]).bigEndian(UInt64.self),
            let low = UnsafeRawBufferPointer(rebasing: cell.bytes[8...]).bigEndian(UInt64.self)
        else { return nil }
        return PostgresUUID(high: high, low: low)
    }

    static func time(_ cell: BinaryCell) -> Int64? {
        guard cell.type == 1184 || cell.type == 1114 else { return nil }
        return cell.bytes.bigEndian(Int64.self).flatMap(TimeForm.unixMilliseconds)
    }

    static func bytes(_ cell: BinaryCell) -> [UInt8]? { cell.type == 17 ? Array(cell.bytes) : nil }

    /// The types of arrays whose elements are read: so that a scalar that looks like one is none.
    private static let arrays: Set<UInt32> = [1016, 1007, 1005, 1009, 1015, 1014, 1003, 2951, 199, 3807]

    /// The elements of an array of one dimension, or none; nil when one is NULL or of a type that is not read.
    func elements<Element>(_ decode: (BinaryCell) -> Element?) -> [Element]? {
        guard Self.arrays.contains(type) else { return nil }
        var rest = bytes[...]
        func next(_ size: Int32) -> UnsafeRawBufferPointer? {
            guard size >= 0, rest.count >= size else { return nil }
            defer { rest = rest.dropFirst(Int(size)) }
            return UnsafeRawBufferPointer(rebasing: rest.prefix(Int(size)))
        }
        func number() -> Int32? { next(4)?.bigEndian(Int32.self) }
        guard let dimensions = number(), number() != nil, let type = number() else { return nil }
        if dimensions == 0 { return [] }
        guard dimensions == 1, let count = number(), count >= 0, number() != nil else { return nil }
        var elements: [Element] = []
        elements.reserveCapacity(min(Int(count), rest.count))
        for _ in 0..<count {
            guard let bytes = number().flatMap(next),
                let element = decode(BinaryCell(bytes: bytes, type: UInt32(bitPattern: type)))
            else { return nil }
            elements.append(element)
        }
        return elements
    }
}
