/// A UUID as its two halves, each big-endian: `high` has the first eight bytes.
public struct PostgresUUID: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the usual 36 characters; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let dashes = [8, 13, 18, 23]
        guard bytes.count == 36, dashes.allSatisfy({ bytes[$0] == UInt8(ascii: "-") }) else { return nil }
        var digits: [UInt64] = []
        for (position, byte) in bytes.enumerated() where !dashes.contains(position) {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            digits.append(UInt64(digit))
        }
        self.init(
            high: digits[..<16].reduce(0) { $0 << 4 | $1 }, low: digits[16...].reduce(0) { $0 << 4 | $1 })
    }
}

extension PostgresUUID: CustomStringConvertible {
    public var description: String {
        var text = ""
        for (position, half) in [high, low].enumerated() {
            for shift in stride(from: 60, through: 0, by: -4) {
                text += String(half >> UInt64(shift) & 15, radix: 16)
                let isDash = position == 0 ? [32, 16, 0].contains(shift) : shift == 48
                if isDash { text += "-" }
            }
        }
        return text
    }
}
