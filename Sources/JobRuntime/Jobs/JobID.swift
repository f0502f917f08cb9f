import NIOCore

/// The identity of a job: a UUID of version 7 (RFC 9562), so that ids sort by the time they were made.
///
/// The twelve bits after the version hold the partition, so that an id alone says where its record lives.
public struct JobID: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// The largest partition an id can hold.
    public static let maximumPartition = 0xFFF

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes an id for a moment.
    ///
    /// - Parameters:
    ///   - milliseconds: Unix time; the upper 48 bits of the id.
    ///   - partition: 0 to ``maximumPartition``; more is cut off.
    ///   - random: nil: the system's.
    public init(milliseconds: Int64, partition: Int = 0, random: UInt64? = nil) {
        let random = random ?? RandomNumbers.next()
        high = UInt64(bitPattern: milliseconds) << 16 | 0x7000 | UInt64(partition & Self.maximumPartition)
        low = 0b10 << 62 | random >> 2
    }

    /// Makes an id for now.
    public init(partition: Int = 0) {
        self.init(milliseconds: .unixMilliseconds, partition: partition)
    }

    /// Unix milliseconds at which the id was made, by the clock of whoever made it.
    public var milliseconds: Int64 { Int64(high >> 16) }

    public var partition: Int { Int(high & 0xFFF) }
}

extension JobID: LosslessStringConvertible {
    /// Reads the canonical 36 characters, in either case; anything that is no UUID of version 7 is refused.
    public init?(_ description: some StringProtocol) {
        self.init(ascii: description.utf8)
    }

    /// Reads the same from bytes.
    package init?(ascii: some Sequence<UInt8>) {
        var digits: (UInt64, UInt64) = (0, 0)
        var position = 0
        for byte in ascii {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard position < 36, let digit = Self.value(ofHexDigit: byte) else { return nil }
                digits = (digits.0 << 4 | digits.1 >> 60, digits.1 << 4 | digit)
            }
            position += 1
        }
        guard position == 36, digits.0 >> 12 & 0xF == 7, digits.1 >> 62 == 0b10 else { return nil }
        self.init(high: digits.0, low: digits.1)
    }

    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for place in 0..<16 {
                if place == 4 || place == 6 || place == 8 || place == 10 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let byte = (place < 8 ? high : low) >> UInt64(56 - place % 8 * 8)
                buffer[position] = Self.hexDigit(byte >> 4 & 0xF)
                buffer[position + 1] = Self.hexDigit(byte & 0xF)
                position += 2
            }
            return 36
        }
    }

    private static func hexDigit(_ value: UInt64) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + UInt8(value) : UInt8(ascii: "a") + UInt8(value - 10)
    }

    private static func value(ofHexDigit byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension JobID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = JobID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID of version 7: \(text)")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
