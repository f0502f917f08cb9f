package import NIOCore

/// The id of a stream entry, `<milliseconds>-<sequence>`: a number, so that entries compare as Redis orders them.
package struct EntryID: Hashable, Comparable, Sendable {
    package let milliseconds: UInt64
    package let sequence: UInt64

    /// None comes after it.
    package static let last = EntryID(milliseconds: .max, sequence: .max)

    package init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    package static func < (a: EntryID, b: EntryID) -> Bool {
        (a.milliseconds, a.sequence) < (b.milliseconds, b.sequence)
    }
}

extension EntryID: CustomStringConvertible {
    package init?(_ bytes: ByteBuffer) {
        guard let id = bytes.withUnsafeReadableBytes(Self.init(ascii:)) else { return nil }
        self = id
    }

    package init?(ascii: UnsafeRawBufferPointer) {
        var parts: (UInt64, UInt64) = (0, 0)
        var dashes = 0
        for byte in ascii {
            switch byte {
            case UInt8(ascii: "-"):
                dashes += 1
                parts = (parts.1, 0)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                parts.1 = parts.1 &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
            default:
                return nil
            }
        }
        guard dashes == 1 else { return nil }
        (milliseconds, sequence) = parts
    }

    package var description: String { "\(milliseconds)-\(sequence)" }
}

/// An entry of one of a queue's three streams.
package struct Entry: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let lane: Lane
    package let id: EntryID

    package init(_ lane: Lane, _ id: EntryID) {
        self.lane = lane
        self.id = id
    }

    /// Of each lane few are at hand at a time.
    package func hash(into hasher: inout Hasher) { hasher.combine(id.milliseconds << 20 ^ id.sequence) }

    package static func < (a: Entry, b: Entry) -> Bool {
        a.lane == b.lane ? a.id < b.id : a.lane < b.lane
    }

    package var description: String { lane == .normal ? "\(id)" : "\(lane.rawValue) \(id)" }
}
