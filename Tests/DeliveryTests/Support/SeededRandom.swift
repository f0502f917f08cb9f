/// Numbers that are the same in each run. Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func bytes(upTo length: Int) -> [UInt8] {
        (0..<below(length + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Letters that repeat often, what forms and addresses escape, and characters of two to four bytes.
    mutating func text(upTo length: Int) -> String {
        let alphabet = Array("aabbABz019 &=+%_-.~?#/:@\n\"\\éü€я😀e\u{301}".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<below(length + 1) { text.append(alphabet[below(alphabet.count)]) }
        return String(text)
    }

    /// The text with a few bytes changed, put in, taken out or repeated. Not always UTF-8 before it is made a string.
    mutating func mutated(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...below(4) {
            let position = below(bytes.count + 1)
            let end = min(bytes.count, position + below(16))
            switch below(6) {
            case 0: bytes.insert(UInt8(truncatingIfNeeded: next()), at: position)
            case 1: bytes.removeSubrange(position..<end)
            case 2: bytes.insert(contentsOf: bytes[position..<end], at: position)
            case 3: bytes = Array(bytes[..<position])
            case 4: bytes.insert(contentsOf: "%&=+{}[]\",:.9".utf8.shuffled(using: &self).prefix(3), at: position)
            default: if position < bytes.count { bytes[position] = UInt8(truncatingIfNeeded: next()) }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
