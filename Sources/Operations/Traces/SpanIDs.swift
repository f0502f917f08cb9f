import Synchronization

/// Makes the ids of traces and spans: SplitMix64 (Steele, Lea, Flood 2014) from a seed of the system's. No number comes
/// twice in a process, and one costs an atomic addition; the system's own generator is a call into the kernel.
final class SpanIDs: Sendable {
    private let state: Atomic<UInt64>

    init(seed: UInt64 = .random(in: .min ... .max)) { state = Atomic(seed) }

    /// Not zero.
    func next() -> UInt64 {
        while true {
            var number = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
            number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
            number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
            number ^= number >> 31
            if number != 0 { return number }
        }
    }
}
