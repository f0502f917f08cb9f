public import JobRuntime
public import Logging
import NIOCore

/// Runs jobs in a test: without Redis, without waiting, one after the other, and only when the test says so.
///
/// Handlers, middleware, retry policies and settlements are the worker's own; the queues are in memory, and time is a
/// clock that the test moves. A test of a job that fails twice, is tried again when its waits are over, and succeeds:
///
/// ```swift
/// var handlers = JobHandlers()
/// handlers.register(Welcome.self, policy: .standard) { job, attempt in
///     attempt.number < 3 ? .retry(error: "busy") : .succeeded()
/// }
/// let runtime = TestRuntime(queues: [mail], handlers: handlers)
/// let id = try await runtime.enqueue(NewJob(Welcome(to: "ada"), queue: mail)).id
/// await runtime.runUntilIdle()
/// #expect(runtime.record(of: id)?.error == "busy")
/// #expect(await runtime.advanceToNextDue() == .seconds(2))
/// await runtime.advance(by: .seconds(4))
/// #expect(runtime.record(of: id)?.state == .succeeded(result: nil))
/// ```
///
/// Code under test that enqueues jobs is given a client of ``store``:
///
/// ```swift
/// let client = JobClient(store: runtime.store)
/// try await signUp("ada", client)
/// #expect(try runtime.jobs(Welcome.self, in: mail) == [Welcome(to: "ada")])
/// ```
///
/// Time stands still while a handler runs, so no deadline ends one and no lease runs out. What belongs to the worker as a
/// whole (deadlines, leases, slots, shutdown) is tested with a `Worker` on ``JobRuntime/JobStore/inMemory(clock:recordTTL:)``.
public final class TestRuntime: Sendable {
    /// What time it is; it moves when it is told to, by ``advance(by:)`` or directly.
    public let clock: ManualClock

    /// The queues, for what the runtime has no call for: a client of the code under test, pausing, cancelling.
    public let store: JobStore

    let memory: InMemoryStore
    private let lines: [Line]
    private let handlers: JobHandlers
    private let middleware: [any JobMiddleware]
    private let logger: Logger

    private static let consumer = "test"

    /// One queue that is worked off.
    private struct Line {
        let queue: JobQueue
        let reader: InMemoryReader
        let runner: DeliveryRunner
    }

    /// - Parameters:
    ///   - queues: those that are worked off, the first one first.
    ///   - middleware: what wraps around every attempt, the outermost first.
    ///   - jitter: what stands for chance in the waits of retry policies, from 0 up to 1. With 1, every wait is the
    ///     longest that its policy allows: 2, 4, 8 … seconds for `.standard`, and a tenth more than a schedule says. With
    ///     0, a schedule is kept to the letter, and exponential waits are none at all.
    ///   - clock: what time it is.
    ///   - logger: hears what the worker says of each job.
    ///   - handlers: made with the queues that they may enqueue to.
    public init(
        queues: [JobQueue], middleware: [any JobMiddleware] = [], jitter: Double = 1,
        clock: ManualClock = ManualClock(),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        handlers: (JobStore) -> JobHandlers
    ) {
        let memory = InMemoryStore(clock: clock, recordTTL: .seconds(3600))
        let handlers = handlers(JobStore(memory))
        lines = queues.map { queue in
            Line(
                queue: queue, reader: InMemoryReader(store: memory, queue: queue.name, consumer: Self.consumer),
                runner: DeliveryRunner(
                    queue: queue, consumer: Self.consumer, handlers: handlers, middleware: middleware, store: memory,
                    clock: clock, random: { jitter }, logger: logger))
        }
        self.memory = memory
        self.handlers = handlers
        self.middleware = middleware
        self.clock = clock
        self.logger = logger
        store = JobStore(memory)
    }

    /// The same, with handlers that enqueue nothing.
    public convenience init(
        queues: [JobQueue], handlers: JobHandlers, middleware: [any JobMiddleware] = [], jitter: Double = 1,
        clock: ManualClock = ManualClock(),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.init(queues: queues, middleware: middleware, jitter: jitter, clock: clock, logger: logger) { _ in handlers
        }
    }

    /// Enqueues a job, as `JobClient` does. It runs when ``runUntilIdle()`` or ``advance(by:)`` is called.
    @discardableResult
    public func enqueue(_ job: NewJob) async throws(EnqueueError) -> Receipt {
        try await JobClient(store: store).enqueue([job])[0].get()
    }

    /// Runs everything that is due, and what that enqueues for now in turn, one job at a time: queue after queue, in each
    /// the more urgent lane first, and in each lane as they were enqueued.
    ///
    /// A job that is always due again (put off by nothing, say) keeps it running for ever.
    ///
    /// - Returns: how many deliveries were settled.
    @discardableResult
    public func runUntilIdle() async -> Int {
        var settled = 0
        while !Task.isCancelled, let (line, delivered) = next() {
            // The store in memory refuses nothing.
            try? await line.runner.run(delivered)
            settled += 1
        }
        return settled
    }

    /// Runs what is due, then moves the clock, and at each moment of the span at which a job falls due, runs it.
    ///
    /// - Returns: how many deliveries were settled.
    @discardableResult
    public func advance(by duration: Duration) async -> Int {
        let end = clock.now + duration
        var settled = await runUntilIdle()
        while !Task.isCancelled, let wait = timeToNextDue, clock.now + wait <= end {
            await clock.advance(by: wait)
            settled += await runUntilIdle()
        }
        await clock.advance(by: max(.zero, end - clock.now))
        return settled
    }

    /// Runs what is due, then moves the clock to the moment at which the next job falls due, and runs it.
    ///
    /// - Returns: how far the clock was moved; nil when no job waits for its time.
    @discardableResult
    public func advanceToNextDue() async -> Duration? {
        await runUntilIdle()
        guard let wait = timeToNextDue else { return nil }
        await clock.advance(by: wait)
        await runUntilIdle()
        return wait
    }

    /// Runs the handler of a job once, with the middleware around it, and beside all queues: nothing is enqueued, settled
    /// or retried. The payload is encoded and decoded as always.
    ///
    /// - Parameters:
    ///   - number: of the attempt, from 1.
    ///   - deliveries: more than 1 is an attempt that an earlier worker may have made in part.
    /// - Returns: what the handler returned.
    /// - Throws: what the handler threw; ``NoHandler`` when there is none for the job's kind.
    public func perform(_ job: NewJob, number: Int = 1, deliveries: Int = 1) async throws -> Outcome {
        let attempt = Attempt(
            job: job.id, kind: job.kind, queue: job.queue.name, number: number, deliveries: deliveries,
            enqueuedAt: clock.unixMilliseconds, startedAt: clock.unixMilliseconds, meta: job.meta,
            consumer: Self.consumer,
            logger: logger)
        guard let outcome = try await handlers.perform(job.payload, attempt, middleware: middleware) else {
            throw NoHandler(kind: job.kind)
        }
        return outcome
    }

    /// No handler is registered for a kind of job.
    public struct NoHandler: Error, Equatable {
        public let kind: String
    }

    /// Delivers the next job, after those that are due have been moved to their streams.
    private func next() -> (Line, Delivered)? {
        for line in lines {
            for set in DelayedSet.allCases { _ = memory.promote(set, of: line.queue, most: .max, mark: .max) }
            let handedBack = try? memory.reclaim(
                Claim(most: 1, lease: .zero, cursors: nil), of: line.queue, consumer: Self.consumer)
            guard let handedBack, !handedBack.isPaused else { continue }
            if let delivered = handedBack.delivered.first { return (line, delivered) }
            for lane in Lane.allCases {
                if let delivered = line.reader.read([LaneRead(lane, 1)]).first { return (line, delivered) }
            }
        }
        return nil
    }

    private var timeToNextDue: Duration? {
        memory.call { memory in
            let dues = lines.flatMap { memory[$0.queue.name].delayed.values.flatMap(\.values) }
            return dues.min().map { .milliseconds($0 - memory.time) }
        }
    }
}
