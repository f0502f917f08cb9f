import Synchronization

/// The memory for the bodies of all requests that are being read or made into messages (`BODY_MEMORY_BYTES`).
final class BodyBudget: Sendable {
    /// Bodies of this size are not counted: the number of connections bounds them.
    static let free = 64 << 10

    private let total: Int
    private let used = Atomic(0)

    init(_ total: Int) { self.total = total }

    var taken: Int { used.load(ordering: .relaxed) }

    /// - Returns: whether there was as much left; if not, nothing is taken.
    func take(_ bytes: Int) -> Bool {
        guard used.wrappingAdd(bytes, ordering: .relaxed).newValue <= total else {
            giveBack(bytes)
            return false
        }
        return true
    }

    func giveBack(_ bytes: Int) { used.wrappingSubtract(bytes, ordering: .relaxed) }
}
