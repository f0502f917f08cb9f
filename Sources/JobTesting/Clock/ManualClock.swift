public import JobRuntime
import Synchronization

/// A clock that stands still until a test moves it: for ``JobRuntime/WorkerOptions/clock``, and for handlers that wait.
/// It is also the time of the store that ``JobRuntime/JobStore/inMemory(clock:recordTTL:)`` makes.
///
/// What is certain of ``advance(by:)``:
/// - Sleepers wake in the order of their due times, and those due at the same time in the order in which they lay down.
/// - ``now`` stands at the due time of the one that is woken, not yet at the end of the span.
/// - A task that sleeps again before the clock goes on is woken again when that falls into the span, too.
///
/// After each one that it wakes, the clock lets other tasks run until as many sleep as before, or for some hundreds of
/// turns and 20 ms where it does not lie down again; a loop that does a little and sleeps keeps its interval so. What a task that
/// was woken does beyond that, or sets off in others, may not be done when ``advance(by:)`` returns: wait for what you
/// expect of it. ``TestRuntime`` needs no such waits.
public final class ManualClock: RuntimeClock {
    private struct Timer {
        let due: Duration
        let ring: @Sendable () -> Void
    }

    private struct State {
        var now = Duration.zero
        var timers: [UInt64: Timer] = [:]
        var lastTicket: UInt64 = 0
    }

    private let state = Mutex(State())
    private let origin: Int64

    /// - Parameter unixMilliseconds: the Unix time at which it stands first; this must not be negative.
    public init(at unixMilliseconds: Int64 = 1_800_000_000_000) { origin = unixMilliseconds }

    /// How far it has been moved.
    public var now: Duration { state.withLock { $0.now } }

    /// The time of day, as the store in memory tells it.
    public var unixMilliseconds: Int64 { origin + now.milliseconds }

    /// How many tasks sleep, readers that wait for jobs among them.
    public var sleepers: Int { state.withLock { $0.timers.count } }

    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        guard duration > .zero else { return await Task.yield() }
        let bell = Bell()
        let ticket = ring(bell, after: duration)
        await bell.wait()
        forget(ticket)
        try Task.checkCancellation()
    }

    /// Moves the clock, from one sleeper's due time to the next. One task at a time may do so.
    public func advance(by duration: Duration) async {
        let end = now + duration
        while let wake = takeNext(until: end) {
            let sleepers = sleepers
            wake()
            await letOthersRun(untilAsManySleepAs: sleepers + 1)
        }
        state.withLock { $0.now = max($0.now, end) }
    }

    func ring(_ bell: Bell, after duration: Duration) -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            state.timers[state.lastTicket] = Timer(due: state.now + duration, ring: bell.ring)
            return state.lastTicket
        }
    }

    func forget(_ ticket: UInt64) { state.withLock { $0.timers[ticket] = nil } }

    /// Takes the sleeper that is due next and moves the clock to it.
    private func takeNext(until end: Duration) -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard let (ticket, timer) = state.timers.min(by: { ($0.value.due, $0.key) < ($1.value.due, $1.key) }),
                timer.due <= end
            else { return nil }
            state.timers[ticket] = nil
            state.now = max(state.now, timer.due)
            return timer.ring
        }
    }

    /// Each turn goes behind every task that was ready before. Ten at least, for what a sleeper sets off in others. On a
    /// machine with much to do the thread of the one that was woken may be out of turn for a while.
    private func letOthersRun(untilAsManySleepAs expected: Int) async {
        for turn in 0..<500 where turn < 10 || sleepers < expected { await Task.yield() }
        for _ in 0..<20 where sleepers < expected { try? await Task.sleep(for: .milliseconds(1)) }
    }
}
