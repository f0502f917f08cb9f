public import JobRuntime
public import Logging
import Messaging
import NIOCore
public import Postgres
public import ServiceLifecycle

/// Has every message in the ledger before its queue has it, so that even a Redis that loses everything loses no message
/// that a client was told of: what the ledger says was accepted and no queue has, the audit enqueues again.
///
/// The messages of a call are committed in one transaction, as the same rows that their `accepted` events make, which
/// come later and change nothing. Jobs of other queues pass through. Postgres answers within about ``patience`` and one
/// statement's time more, or the callers are told that nothing was enqueued.
///
/// Where the answer to COMMIT is lost, the same rows are written again, which tells; where that does not succeed in time,
/// the job is not enqueued and its outcome is ``EnqueueError/uncertain(_:_:)``. Its row is left: who asks for the id
/// may be shown it, and what was shown as accepted must be sent.
///
/// The row of a job with an idempotency key has the key in its content (``RecordedRequest``).
///
/// A message that Redis refuses is taken out again: its row is deleted, unless anything else is known of it. A row that is
/// gone needs no care of those who read, count or audit; and should an event tell of it after all, since an earlier call
/// had enqueued it, the event makes the row anew. Until it is deleted the id stands in this process's memory and the
/// deletion is tried again. So only when Postgres stays away and this process ends as well does a row outlive its refusal,
/// and the audit may enqueue a message whose client was told that it was not accepted: rather twice than never.
public final class AcceptanceJournal: EnqueueJournal, Service {
    private let postgres: PostgresClient
    private let writer: LedgerWriter
    private let patience: Duration
    private let logger: Logger
    private let withdrawals = Withdrawals()

    private static let queues = Set(Channel.allCases.map(\.queueName))

    /// - Parameters:
    ///   - postgres: of this journal alone, with the time-outs of ``configuration(from:)``; must be running.
    ///   - patience: for how long a call is made again whose outcome is not known.
    public init(postgres: PostgresClient, patience: Duration = .seconds(4), logger: Logger) {
        self.postgres = postgres
        writer = LedgerWriter(postgres: postgres)
        self.patience = patience
        self.logger = logger
    }

    /// The same server, asked with the time-outs of somebody whose client waits.
    public static func configuration(from other: PostgresConfiguration) -> PostgresConfiguration {
        var configuration = other
        configuration.connectTimeout = .seconds(2)
        configuration.statementTimeout = .seconds(2)
        configuration.answerGrace = .seconds(1)
        configuration.poolTimeout = .seconds(2)
        return configuration
    }

    public func record(_ jobs: [NewJob]) async -> [Result<Void, EnqueueError>] {
        let now = Int64.unixMilliseconds
        let events = jobs.indices.filter { Self.queues.contains(jobs[$0].queue.name) }
            .map { LedgerEvent(accepting: jobs[$0], number: $0, at: now) }
        var results = [Result<Void, EnqueueError>](repeating: .success(()), count: jobs.count)
        guard !events.isEmpty else { return results }
        let deadline = ContinuousClock.now + patience
        // A task of its own: this one may be cancelled, and would leave it in doubt.
        let failures = await Task { await self.keep(events, until: deadline) }.value
        for (event, error) in failures {
            let index = Int(event.id.entry.sequence)
            results[index] = .failure(error.of(jobs[index].id))
        }
        return results
    }

    public func withdraw(_ jobs: [JobID], because reason: String) async {
        if !withdrawals.add(jobs) {
            logger.error(
                "Too many refused messages wait to be taken out of the ledger: some stay, and the audit may enqueue them",
                metadata: ["messages": "\(jobs.count)"])
        }
    }

    public func probe() async throws(StoreError) {
        do {
            try await postgres.perform { try JournalQueries.probe($0) }
        } catch {
            throw StoreError(.unavailable, "the ledger: \(error)")
        }
    }

    /// Takes out of the ledger what Redis has refused, until the service is shut down; then for five seconds more.
    public func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            // A task of its own: this one may be cancelled, and what is left has to be done.
            await Task { await self.serve() }.value
        } onCancelOrGracefulShutdown: {
            self.withdrawals.stop()
        }
    }
}

// MARK: - Recording

extension AcceptanceJournal {
    private typealias Failure = (event: LedgerEvent, error: JournalFailure)

    /// - Returns: those that are not kept.
    private func keep(_ events: [LedgerEvent], until deadline: ContinuousClock.Instant) async -> [Failure] {
        let batch = LedgerBatch(events)
        if !batch.rejected.isEmpty {
            let faults = Dictionary(uniqueKeysWithValues: batch.rejected.map { ($0.place, $0.reason) })
            let refused = events.compactMap { event in
                faults[event.id.position].map {
                    (event, JournalFailure.unavailable("the ledger cannot keep it: \($0)"))
                }
            }
            return refused + (await keep(events.filter { faults[$0.id.position] == nil }, until: deadline))
        }
        guard !events.isEmpty, let error = await write(batch, until: deadline) else { return [] }
        guard let fault = error as? PostgresError, fault.isOfTheEvents else {
            return events.map { ($0, error.failure) }
        }
        // One of them is at fault, or a part was dropped that was known to be there.
        writer.forgetWeeks()
        if events.count == 1 {
            return await write(batch, until: deadline) == nil ? [] : events.map { ($0, error.failure) }
        }
        let middle = events.count / 2
        return await keep(Array(events[..<middle]), until: deadline) + keep(Array(events[middle...]), until: deadline)
    }

    /// Writes until it is known how that went, or for too long.
    private func write(_ batch: LedgerBatch, until deadline: ContinuousClock.Instant) async -> (any Error)? {
        var doubt: PostgresError?
        while true {
            do {
                try await writer.write(batch)
                return nil
            } catch let error as PostgresError {
                // What follows a doubt does not end it.
                if error.mayHaveRun { doubt = error }
                let isWorthIt = doubt != nil || error.sqlState?.hasPrefix("40") == true
                guard isWorthIt, ContinuousClock.now < deadline else { return doubt ?? error }
                try? await Task.sleep(for: .milliseconds(.random(in: 20...100)))
            } catch {
                return error
            }
        }
    }
}

/// Why a job is not kept, or may not be.
private enum JournalFailure {
    case unavailable(String)
    case uncertain(String)

    func of(_ job: JobID) -> EnqueueError {
        switch self {
        case .unavailable(let reason): .unavailable(reason)
        case .uncertain(let reason): .uncertain(job, reason)
        }
    }
}

extension Error {
    fileprivate var failure: JournalFailure {
        (self as? PostgresError)?.mayHaveRun == true ? .uncertain("\(self)") : .unavailable("\(self)")
    }
}

extension LedgerEvent {
    /// As its `accepted` event will tell of a job.
    ///
    /// - Parameter number: of the job in its call.
    fileprivate init(accepting job: NewJob, number: Int, at now: Int64) {
        var event = JobEvent("accepted", job.id, queue: job.queue.name, at: Moment(now), attempt: 1)
        event.kind = job.kind
        event.lane = job.meta.lane
        event.due = job.due(now).map { Moment($0) }
        self.init(
            EventID(EntryID(milliseconds: UInt64(clamping: now), sequence: UInt64(number))),
            .job(event, payload: job.recordedPayload(now)))
    }
}

extension NewJob {
    /// With what its request is known by: should Redis never have had it, and the request be made again, an audit must
    /// not put this one back, too.
    fileprivate func recordedPayload(_ now: Int64) -> ByteBuffer {
        guard let idempotency else { return payload }
        return RecordedRequest(idempotency, at: now).added(to: payload)
    }

    /// When it is due, where that is later than now.
    fileprivate func due(_ now: Int64) -> Int64? {
        switch start {
        case .now: nil
        case .after(let wait): wait > .zero ? now + Int64(wait / .milliseconds(1)) : nil
        case .at(let moment): moment > now ? moment : nil
        }
    }
}

// MARK: - Withdrawing

extension AcceptanceJournal {
    private static let grace: Duration = .seconds(5)

    private func serve() async {
        var outage = Outage(logger: logger, what: "Messages that Redis has refused are still in the ledger")
        var end: ContinuousClock.Instant?
        while true {
            let jobs = withdrawals.first(500)
            if withdrawals.isStopped {
                end = end ?? .now + Self.grace
                guard !jobs.isEmpty, let end, ContinuousClock.now < end else { break }
            }
            guard !jobs.isEmpty else {
                await withdrawals.wait()
                continue
            }
            do {
                try await postgres.transaction { try JournalQueries.withdraw(jobs, $0) }
                withdrawals.remove(jobs)
                outage.end()
            } catch {
                outage.begin(because: error)
                try? await Task.sleep(for: min(.seconds(1), outage.nextWait()))
            }
        }
        let left = withdrawals.count
        if left > 0 {
            logger.error(
                "Messages that were refused stay in the ledger: the audit may enqueue them",
                metadata: ["messages": "\(left)"])
        }
    }
}
