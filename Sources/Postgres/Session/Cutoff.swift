import Synchronization

/// Told to a connection's thread from outside: leave off waiting.
final class Cutoff: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
