import JobRuntime
import Synchronization

/// A clock that a test sets.
final class StepClock: RuntimeClock {
    private let state = Mutex(Duration.zero)

    var now: Duration {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    func sleep(for duration: Duration) async throws { try Task.checkCancellation() }  // allowed: a clock, not a wait
}
