import Synchronization

/// When the parts of a queue's worker last got on, on the worker's clock: each writes its own moment, in passing.
final class QueueActivity: Sendable {
    /// Of one part: a moment in milliseconds, at first that of the beginning.
    struct Mark: ~Copyable, Sendable {
        private let moment: Atomic<Int64>

        init(_ moment: Duration) { self.moment = Atomic(moment.milliseconds) }

        func set(_ moment: Duration) { self.moment.store(moment.milliseconds, ordering: .relaxed) }

        func age(at now: Duration) -> Duration {
            max(.zero, now - .milliseconds(moment.load(ordering: .relaxed)))
        }
    }

    /// The last read that gave what it should, if only the word that there is nothing.
    let read: Mark
    /// The last time that the store answered the reader at all.
    let readAnswer: Mark
    /// The last time that the store answered the settler at all.
    let settleAnswer: Mark
    private let lastTick: Mark
    private let ticks = Atomic(false)
    private let reads = Atomic(false)
    private let isWaiting = Atomic(false)

    init(_ clock: any RuntimeClock) {
        let now = clock.now
        read = Mark(now)
        readAnswer = Mark(now)
        settleAnswer = Mark(now)
        lastTick = Mark(now)
    }

    /// A timer of the worker has run.
    func tick(at now: Duration) {
        lastTick.set(now)
        ticks.store(true, ordering: .relaxed)
    }

    /// How long ago that was last. Timers begin when the store has heard of the worker: until then none is late.
    func sinceTick(at now: Duration) -> Duration { ticks.load(ordering: .relaxed) ? lastTick.age(at: now) : .zero }

    /// Whether any read has been answered yet.
    var hasRead: Bool { reads.load(ordering: .relaxed) }

    /// Whether the reader waits for a slot, and reads nothing.
    var waitsForSlot: Bool { isWaiting.load(ordering: .relaxed) }

    func hasRead(at now: Duration) {
        read.set(now)
        readAnswer.set(now)
        reads.store(true, ordering: .relaxed)
    }

    func waits() { isWaiting.store(true, ordering: .relaxed) }

    /// A slot is free, and the time for a read begins now.
    func goesOn(at now: Duration) {
        read.set(now)
        readAnswer.set(now)
        isWaiting.store(false, ordering: .relaxed)
    }
}
