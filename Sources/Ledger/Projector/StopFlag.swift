import Synchronization

/// Told to stop, once.
final class StopFlag: Sendable {
    private let moment = Mutex<ContinuousClock.Instant?>(nil)

    var isSet: Bool { moment.withLock { $0 != nil } }

    /// Whether it was set so long ago.
    func isSet(for time: Duration) -> Bool { moment.withLock { $0.map { .now - $0 >= time } ?? false } }

    func set() { moment.withLock { $0 = $0 ?? .now } }

    /// Waits so long, or until a moment after it is set.
    func sleep(for time: Duration) async {
        let end = ContinuousClock.now + time
        while !isSet, ContinuousClock.now < end {
            try? await Task.sleep(for: min(.milliseconds(50), end - .now))
        }
    }
}
