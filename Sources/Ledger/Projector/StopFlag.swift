import Synchronization

/// Told to stop, once.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }

    /// Waits so long, or until a moment after it is set.
    func sleep(for time: Duration) async {
        let end = ContinuousClock.now + time
        while !isSet, ContinuousClock.now < end {
            try? await Task.sleep(for: min(.milliseconds(50), end - .now))
        }
    }
}
