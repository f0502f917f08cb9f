import NIOCore

/// The id of a stream entry, `<milliseconds>-<sequence>`: a number, so that entries compare as Redis orders them.
struct EntryID: Hashable, Comparable, Sendable {
    let milliseconds: UInt64
    let sequence: UInt64

    static func < (a: EntryID, b: EntryID) -> Bool {
        (a.milliseconds, a.sequence) < (b.milliseconds, b.sequence)
    }
}

extension EntryID: CustomStringConvertible {
    init?(_ bytes: ByteBuffer) {
        var parts: (UInt64, UInt64) = (0, 0)
        var dashes = 0
        for byte in bytes.readableBytesView {
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

    var description: String { "\(milliseconds)-\(sequence)" }
}
