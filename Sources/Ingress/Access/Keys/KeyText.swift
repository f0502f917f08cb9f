import Crypto

/// The text of an API key: `ph_`, 43 random digits of base62, and 6 digits of their checksum.
///
/// 43 digits are 256 bits, which nobody guesses and no table lists. The prefix and the checksum tell a key from any other
/// text without asking anybody: a scanner for secrets that were committed, and whoever has typed one wrong.
package enum KeyText {
    static let prefix = "ph_"
    static let length = prefix.utf8.count + 43 + 6
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    package static func random() -> String {
        // The system's generator is fit for secrets.
        var generator = SystemRandomNumberGenerator()
        var text = Array(prefix.utf8)
        for _ in 0..<43 { text.append(digits[Int.random(in: 0..<62, using: &generator)]) }
        return String(decoding: text + checksum(of: text[...]), as: UTF8.self)
    }

    /// Whether a text may be a key at all. Says nothing of whether anybody has it.
    package static func isWellFormed(_ text: String) -> Bool {
        guard text.utf8.count == length, text.utf8.starts(with: prefix.utf8) else { return false }
        let bytes = Array(text.utf8)
        return checksum(of: bytes.dropLast(6)).elementsEqual(bytes.suffix(6))
    }

    /// CRC-32 as six digits.
    private static func checksum(of text: ArraySlice<UInt8>) -> [UInt8] {
        var rest = ~text.reduce(~UInt32(0)) { crc, byte in
            table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8)
        }
        var sum = [UInt8](repeating: digits[0], count: 6)
        for place in sum.indices.reversed() {
            sum[place] = digits[Int(rest % 62)]
            rest /= 62
        }
        return sum
    }

    /// Of the polynomial of IEEE 802.3, as zlib and GitHub's tokens have it.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
    }
}

/// What is kept of a key: its SHA-256.
///
/// Password hashes are slow on purpose, because passwords can be guessed. 256 random bits cannot, however fast one hash is
/// computed: so one round is as good as a million, and does not make each request pay for them.
package struct KeyDigest: Sendable, Hashable {
    private let words: SIMD4<UInt64>

    package init(of key: String) {
        var hash = SHA256()
        var key = key
        key.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        words = hash.finalize().withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// - Parameter hex: 64 hexadecimal digits.
    init?(hex: Substring) {
        let digits = hex.utf8.compactMap(Self.value)
        guard digits.count == 64, hex.utf8.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        words = bytes.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    package var hex: String {
        withUnsafeBytes(of: words) { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    /// 1 if both are the same, else 0; without a branch, so that the time it takes tells nothing.
    func equals(_ other: KeyDigest) -> UInt64 {
        let parts = words ^ other.words
        let difference = parts[0] | parts[1] | parts[2] | parts[3]
        return ((difference | (0 &- difference)) >> 63) ^ 1
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
