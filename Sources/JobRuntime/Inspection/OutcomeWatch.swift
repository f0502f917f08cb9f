public import Logging
public import Redis
public import ServiceLifecycle

/// Waits for the outcomes of jobs of tracked queues, any number of them over one connection.
///
/// While somebody waits, ``run()`` follows the events (``EventTail``) and asks for the records of those jobs alone of which
/// one tells; now and then it asks for all that are waited for, should an event have been missed. While nobody waits
/// nothing is written or read; the last read is let come to its end, within three seconds.
public final class OutcomeWatch: Service {
    private let store: RedisStore
    private let tail: EventTail
    private let waiters: OutcomeWaiters
    private let logger: Logger

    /// How often all are looked at; where more than a thousand wait, so seldom that it is a thousand looks a second.
    private let pause: Duration
    /// What more there are wait: others use the connection, too.
    private static let looksAtOnce = 100
    /// How long the last look may take, when the time is up.
    private static let grace: Duration = .seconds(1)

    /// - Parameters:
    ///   - redis: must be running.
    ///   - capacity: how many may wait at a time.
    public convenience init(
        redis: RedisClient, keys: KeySpace = KeySpace(), capacity: Int = 10_000, logger: Logger
    ) {
        self.init(redis: redis, keys: keys, capacity: capacity, pause: .seconds(1), logger: logger)
    }

    init(redis: RedisClient, keys: KeySpace, capacity: Int, pause: Duration, logger: Logger) {
        self.pause = pause
        store = RedisStore(redis: redis, keys: keys)
        tail = EventTail(redis: redis, keys: keys, logger: logger)
        waiters = OutcomeWaiters(capacity: capacity)
        self.logger = logger
    }

    /// Waits until a job's record is as it is wanted. Redis may go away and come back meanwhile.
    ///
    /// When the watch is told to stop everybody's time is up. A watch that is not running looks once, at the end.
    ///
    /// - Parameters:
    ///   - limit: for how long; the answer comes within a second after it at the latest.
    ///   - isSettled: whether the record is as it is wanted. It may be asked at any time, and often, and of records without
    ///     payload and result.
    /// - Returns: the record that is settled; when the time is up, the record as it is then; nil when there is none.
    /// - Throws: ``StoreError`` with code `busy` when too many wait; when the time is up and Redis cannot be asked.
    public func outcome(
        of id: JobID, within limit: Duration, isSettled: @escaping @Sendable (JobRecord) -> Bool
    ) async throws(StoreError) -> JobRecord? {
        let waiter = OutcomeWaiters.Waiter(id, isSettled)
        guard waiters.enter(waiter) else { throw StoreError(.busy, "too many wait for the outcomes of jobs") }
        // It was judged by a part of the record.
        _ = await cancelling(at: .now + limit) { await waiter.outcome.value(onCancel: nil) }
        waiters.leave(waiter)
        let last = await cancelling(at: .now + Self.grace) { [store] in
            do throws(StoreError) {
                return Result<JobRecord?, StoreError>.success(try await store.record(of: id))
            } catch {
                return .failure(error)
            }
        }
        return try last.get()
    }

    /// Watches until the task is cancelled or the service is shut down.
    public func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await withTaskGroup { tasks in
                    tasks.addTask { await self.look() }
                    tasks.addTask { await self.follow() }
                }
            }
        } onCancelOrGracefulShutdown: { [waiters] in
            waiters.stop()
        }
    }

    // MARK: The tasks of `run`

    private func follow() async {
        for await _ in waiters.arrivals.rings {
            await withTaskGroup { tasks in
                tasks.addTask { await self.followEvents() }
                tasks.addTask { await self.lookNowAndThen() }
                await tasks.next()
                tasks.cancelAll()
            }
        }
    }

    /// Follows the events as long as somebody waits.
    private func followEvents() async {
        var backoff = Backoff()
        while waiters.count > 0, !Task.isCancelled {
            do {
                // What happened before the events came is seen by looking.
                try await tail.follow(while: { waiters.count > 0 }, begun: { waiters.noteAll() }) { events in
                    waiters.note(events.lazy.map(\.id))
                }
            } catch {
                logger.debug("Outcomes are looked for now and then", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    private func lookNowAndThen() async {
        while (try? await Task.sleep(for: max(pause, .milliseconds(waiters.count)))) != nil { waiters.noteAll() }
    }

    private func look() async {
        for await _ in waiters.looks.rings {
            var due = Array(waiters.takeDue())[...]
            while !due.isEmpty {
                let some = due.prefix(Self.looksAtOnce)
                due = due.dropFirst(some.count)
                await withTaskGroup { looks in
                    for job in some {
                        looks.addTask {
                            // It is looked at again; the last look tells of the error.
                            if let record = try? await self.store.sketch(of: job) { self.waiters.show(record) }
                        }
                    }
                }
            }
        }
    }
}
