/// Decides which traces are recorded: as the parent says, and of those that begin here a share, by their ids, so that
/// every process that asks decides alike (`parentbased_traceidratio`).
struct Sampler: Sendable {
    private let bound: UInt64

    /// - Parameter ratio: 0 to 1.
    init(ratio: Double) {
        bound = ratio >= 1 ? .max : UInt64(max(0, ratio) * 0x1p63)
    }

    func isSampled(parent: SpanIdentity?, traceLow: UInt64) -> Bool {
        parent?.isSampled ?? (traceLow >> 1 < bound)
    }
}
