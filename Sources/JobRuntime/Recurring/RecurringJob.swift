import Logging

import struct Redis.Backoff

/// A job that is enqueued again and again. Each tick is enqueued once, by whichever of the workers that know the schedule
/// comes first: its job's id is made of schedule and tick, and the store remembers the last tick. There is no leader.
public struct RecurringJob: Sendable {
    /// Names the schedule. The last tick is kept under this name: what is renamed starts anew.
    public let schedule: String
    let recurrence: Recurrence
    let missed: MissedTicks
    let make: @Sendable (_ tick: Int64) throws -> NewJob

    /// - Parameters:
    ///   - missed: what becomes of the ticks that came while no worker ran.
    ///   - make: makes the job of a tick (Unix milliseconds); its id is set by the runtime. What it throws is logged, and
    ///     the tick is tried again.
    public init(
        _ schedule: String, _ recurrence: Recurrence, missed: MissedTicks = .latest,
        make: @escaping @Sendable (_ tick: Int64) throws -> NewJob
    ) {
        self.schedule = schedule
        self.recurrence = recurrence
        self.missed = missed
        self.make = make
    }

    /// The same job at each tick.
    public init<J: Job>(
        _ schedule: String, _ recurrence: Recurrence, missed: MissedTicks = .latest, job: J, queue: JobQueue,
        lane: Lane = .normal
    ) {
        self.init(schedule, recurrence, missed: missed) { _ in try NewJob(job, queue: queue, lane: lane) }
    }
}

/// Enqueues the ticks of one schedule, by the store's clock.
struct RecurringService: Sendable {
    let job: RecurringJob
    let store: any Storage
    let clock: any RuntimeClock
    let logger: Logger

    /// The store's clock is asked again after so long, however far the next tick is.
    private static let longestWait: Duration = .seconds(60)

    func run() async {
        var backoff = Backoff(base: .milliseconds(250), cap: .seconds(30))
        var handled: Int64?
        while !Task.isCancelled {
            let wait: Duration
            do {
                let plan = try await plan(handled: handled)
                try await enqueue(plan)
                handled = plan.last
                wait = min(plan.wait ?? Self.longestWait, Self.longestWait)
                backoff.reset()
            } catch {
                guard !Task.isCancelled else { return }
                wait = max(backoff.next(), .milliseconds(250))
                logger.warning(
                    "A schedule's ticks could not be enqueued and will be tried again",
                    metadata: ["schedule": "\(job.schedule)", "error": "\(error)"])
            }
            try? await clock.sleep(for: wait)
        }
    }

    /// - Parameter handled: the last tick that this worker has dealt with; what it has skipped the store does not know.
    private func plan(handled: Int64?) async throws(StoreError) -> RecurrencePlan {
        let now = try await store.now()
        let last = try await store.lastTick(of: job.schedule, first: now)
        let plan = RecurrencePlan(
            of: job.recurrence, last: max(last, handled ?? last), now: now, missed: job.missed)
        if plan.skipped > 0 {
            logger.warning(
                "Ticks were missed and are not made up for",
                metadata: ["schedule": "\(job.schedule)", "ticks": "\(plan.skipped)"])
        }
        return plan
    }

    private func enqueue(_ plan: RecurrencePlan) async throws {
        for tick in plan.due {
            var new = try job.make(tick)
            new.id = .tick(of: job.schedule, at: tick)
            new.tick = NewJob.Tick(schedule: job.schedule, at: tick)
            _ = try await store.enqueue([new], to: new.queue, lane: new.meta.lane, limits: .none)
        }
    }
}
