import TestSupport

@testable import JobRuntime

/// A clock on which time passes only as the test says. Its sleeps are the machine's.
final class StillClock: RuntimeClock {
    private let time = Locked(Duration.zero)

    var now: Duration { time.value }

    func advance(_ step: Duration) { time.update { $0 += step } }

    func sleep(for duration: Duration) async throws {
        try await SystemClock().sleep(for: duration)  // allowed: it is what a clock does
    }
}
