public import JobRuntime
import Synchronization

extension JobStore {
    /// Keeps jobs in the memory of the process, for tests: the same calls with the same answers as Redis gives, which one
    /// suite of tests proves of both. Its time is that of a clock that the test moves, so nothing falls due by itself.
    ///
    /// It writes no events, and of the limits it heeds the depth alone (``JobRuntime/QueueLimits/maximumDepth``).
    ///
    /// - Parameters:
    ///   - clock: also to be set as ``JobRuntime/WorkerOptions/clock`` of the workers that use the store.
    ///   - recordTTL: how long the record of a job stands after its end.
    public static func inMemory(
        clock: ManualClock = ManualClock(), recordTTL: Duration = .seconds(3600)
    ) -> JobStore {
        JobStore(InMemoryStore(clock: clock, recordTTL: recordTTL))
    }
}

/// The store in memory: each call changes plain values under one lock. What a call means is said by the scripts of the
/// store in Redis, one by one.
final class InMemoryStore: Storage {
    let clock: ManualClock
    private let memory: Mutex<Memory>

    init(clock: ManualClock, recordTTL: Duration) {
        self.clock = clock
        memory = Mutex(Memory(recordTTL: recordTTL))
    }

    /// One call, at one moment.
    func call<Answer: Sendable, Failure: Error>(
        _ body: (inout Memory) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try memory.withLock { memory throws(Failure) in
            memory.time = clock.unixMilliseconds
            return try body(&memory)
        }
    }

    func hold() {}

    func release() {}

    func now() -> Int64 { clock.unixMilliseconds }
}
