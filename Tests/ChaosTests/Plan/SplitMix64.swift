/// A stream of random numbers that its seed decides, on every machine the same.
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// One of many streams of a seed, none of which moves another.
    init(seed: UInt64, stream: UInt64) {
        var ids = SplitMix64(seed: stream)
        state = seed ^ ids.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// Whether it happens that happens so many times in a thousand.
    mutating func happens(_ perMille: Int) -> Bool { int(0...999) < perMille }

    /// One of some, each as often as its weight says.
    mutating func pick<Value>(_ choices: [(weight: Int, value: Value)]) -> Value {
        var rest = int(0...choices.reduce(-1) { $0 + $1.weight })
        for choice in choices.dropLast() {
            if rest < choice.weight { return choice.value }
            rest -= choice.weight
        }
        return choices[choices.count - 1].value
    }
}
