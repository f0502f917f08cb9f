/// How urgent a job is: each queue has three streams, and what is in a higher one is read before a lower one, of which
/// a share is read all the same (<doc:Operating>).
public enum Lane: String, Sendable, Codable, CaseIterable, Comparable {
    case high, normal, low

    /// The more urgent one is the smaller.
    public static func < (a: Lane, b: Lane) -> Bool { a.rank < b.rank }

    package var rank: Int {
        switch self {
        case .high: 0
        case .normal: 1
        case .low: 2
        }
    }
}
