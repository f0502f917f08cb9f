import JobRuntime
import TestSupport

/// A clock that only the test moves. What is tested with it looks at it, and never sleeps.
final class HandClock: RuntimeClock {
    private let time = Locked(Duration.zero)

    var now: Duration { time.value }

    func advance(_ step: Duration) { time.update { $0 += step } }

    func sleep(for duration: Duration) async throws { throw CancellationError() }  // allowed: a clock
}
