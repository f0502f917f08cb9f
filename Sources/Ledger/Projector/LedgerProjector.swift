public import JobRuntime
public import Logging
import Metrics
public import Postgres
public import ServiceLifecycle

/// Keeps the ledger: reads events, writes them into Postgres, and takes them out of the stream once they are committed.
/// Every worker has one; any number may run side by side.
///
/// While Postgres is away the events wait in Redis, and sending goes on. What a projector that died had read is taken over
/// by another; so some events are written twice, which leaves the same rows.
public struct LedgerProjector: Service {
    private let events: EventGroup
    private let writer: LedgerWriter
    private let logger: Logger
    private let kept = Counter(label: "ledger_events_total")
    private let writing = Timer(label: "ledger_write_duration_seconds", preferredDisplayUnit: .seconds)
    private let rejected = Counter(label: "ledger_events_rejected_total")

    /// How long events may stand read and not acknowledged before another takes them over.
    private static let claimsAfter: Duration = .seconds(60)
    private static let sweepsEvery: Duration = .seconds(15)
    private static let wait: Duration = .seconds(2)
    private static let lastReads: Duration = .seconds(3)

    /// - Parameters:
    ///   - events: a consumer of its own; nobody else may read with it.
    ///   - postgres: must be running.
    public init(events: EventGroup, postgres: PostgresClient, logger: Logger) {
        self.events = events
        writer = LedgerWriter(postgres: postgres)
        self.logger = logger
    }

    /// Runs until the task is cancelled or the service is shut down; what there is to write is written before, as far as
    /// that takes a few seconds and Postgres lets it.
    public func run() async {
        let stop = StopFlag()
        await withTaskCancellationOrGracefulShutdownHandler {
            await project(until: stop)
        } onCancelOrGracefulShutdown: {
            stop.set()
            Task { await events.unblock() }
        }
        // A task of its own: this one may be cancelled, and what it says would not be said.
        await Task { await events.leave() }.value
    }

    private func project(until stop: StopFlag) async {
        var size = BatchSize()
        var nextSweep = ContinuousClock.now
        var batch: [LedgerEvent] = []
        while true {
            if ContinuousClock.now >= nextSweep, !stop.isSet {
                let left = await takeOver(size)
                // One that left much is taken over without a pause.
                if left.isEmpty { nextSweep = .now + Self.sweepsEvery }
                batch += left
            }
            if batch.isEmpty { batch = await read(size, wait: Self.wait, stop) }
            size.learn(batch)
            if batch.isEmpty, stop.isSet { return }
            // Ahead only where more is waiting: what is read early is read in small pieces.
            let (events, isMore, nextSize) = (batch, size.isFull(batch) && !stop.isSet, size)
            async let next = isMore ? read(nextSize, wait: .zero, stop) : []
            let isKept = await keep(events, until: stop)
            batch = await next
            // Others take over what was read.
            if !isKept { return }
        }
    }

    /// When it is to stop, what is there is read still, for a moment.
    private func read(_ size: BatchSize, wait: Duration, _ stop: StopFlag) async -> [LedgerEvent] {
        guard !stop.isSet(for: Self.lastReads) else { return [] }
        do {
            return try await events.read(count: size.count, wait: stop.isSet ? .zero : wait)
        } catch {
            logger.warning("Events are not readable", metadata: ["error": "\(error)"])
            await stop.sleep(for: .seconds(1))
            return []
        }
    }

    /// What others left, and who is gone.
    private func takeOver(_ size: BatchSize) async -> [LedgerEvent] {
        do {
            _ = try await events.sweep()
            return try await events.claim(idle: Self.claimsAfter, count: size.count)
        } catch {
            return []
        }
    }
}

// MARK: - Keeping

extension LedgerProjector {
    /// Returns when the events are kept and acknowledged, or when they cannot be and the projector is to stop.
    ///
    /// - Returns: whether they are kept.
    private func keep(_ events: [LedgerEvent], until stop: StopFlag) async -> Bool {
        guard !events.isEmpty else { return true }
        var outage = Outage(logger: logger)
        while true {
            do {
                let begin = ContinuousClock.now
                try await write(events)
                writing.record(duration: ContinuousClock.now - begin)
                outage.end()
                break
            } catch {
                outage.begin(because: error)
                guard !stop.isSet else { return false }
                await stop.sleep(for: outage.nextWait())
            }
        }
        kept.increment(by: events.count)
        do {
            try await self.events.acknowledge(events.lazy.map(\.id))
        } catch {
            logger.warning("Kept events were not acknowledged: they come again", metadata: ["error": "\(error)"])
        }
        return true
    }

    /// Writes all, but for those that Postgres refuses for what is in them; they are set aside, so that they hold up
    /// nothing.
    private func write(_ events: [LedgerEvent]) async throws {
        let batch = LedgerBatch(events)
        do {
            try await writer.write(batch)
            report(batch.rejected)
        } catch let error as PostgresError where error.isOfTheEvents || error.isTooLong && events.count > 1 {
            // Perhaps a part was dropped that was known to be there.
            writer.forgetWeeks()
            guard events.count == 1, let event = events.first else {
                try await write(Array(events[..<(events.count / 2)]))
                return try await write(Array(events[(events.count / 2)...]))
            }
            try await writeOne(event)
        }
    }

    private func writeOne(_ event: LedgerEvent) async throws {
        do {
            return try await writer.write(LedgerBatch([event]))
        } catch let error as PostgresError where error.isOfTheEvents {
            let batch = LedgerBatch(rejecting: event, because: "\(error)", sqlState: error.sqlState)
            try await writer.write(batch)
            report(batch.rejected)
        }
    }

    private func report(_ events: [RejectedEvent]) {
        rejected.increment(by: events.count)
        for event in events {
            logger.error(
                "An event was set aside: it is in the table rejected_events",
                metadata: ["entry": "\(event.place)", "reason": "\(event.reason)"])
        }
    }
}

extension PostgresError {
    /// It was more than the server does in the time that a statement has.
    fileprivate var isTooLong: Bool { sqlState == "57014" }

    /// Whether it is an event that is at fault, and not the database: a value that no column takes, or that is too long
    /// for an index (54).
    var isOfTheEvents: Bool { isData || sqlState?.hasPrefix("54") == true }
}
