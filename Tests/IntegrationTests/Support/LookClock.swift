import TestSupport

@testable import JobRuntime

/// The machine's clock, faster if need be, which counts how often the worker's timers have run off: a test that expects
/// nothing to happen waits until what might have done it has looked often enough.
final class LookClock: RuntimeClock {
    private let system = SystemClock()
    private let factor: Int
    private let ended = Locked<[Duration]>([])

    init(faster factor: Int) { self.factor = factor }

    var now: Duration { system.now * factor }

    func sleep(for duration: Duration) async throws {  // allowed: it is a clock
        try await system.sleep(for: duration / factor)  // allowed: a clock is made here
        ended.update { $0.append(duration) }
    }

    /// How many sleeps have ended that were to take so long at most.
    func sleeps(upTo duration: Duration) -> Int { ended.value.count { $0 <= duration } }

    func sleeps(of duration: Duration) -> Int { ended.value.count { $0 == duration } }
}
