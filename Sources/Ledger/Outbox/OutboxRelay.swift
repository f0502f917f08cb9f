public import JobRuntime
public import Logging
import Metrics
public import NIOCore
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Moves messages from the outbox of an application's database into their queues. Any number may run side by side.
///
/// What is guaranteed: a row whose transaction was rolled back was never there, and a row that is committed becomes one
/// job, whose id is the row's. A row is claimed in a transaction of its own, enqueued, and then deleted. A relay that dies
/// in between leaves the claim; after a minute another takes the row and enqueues it again, which does nothing as long as
/// Redis has the record of the job: from its enqueue until `JOB_RECORD_TTL` after its end. For what is older than that the
/// ledger is asked whether the message has got beyond waiting. So a message could be enqueued twice only if a relay died
/// in between, for longer than `JOB_RECORD_TTL` no other took its row, and the ledger is not kept, or had not read by then
/// what has become of the message; or if a relay stood still for so long between its last look at the clock and its call.
/// None is lost: a row goes only after its job is enqueued.
///
/// Messages are enqueued in the order of their rows' ids within a relay. Rows become visible when they are committed, and
/// relays run side by side: there is no order between transactions.
public struct OutboxRelay: Service {
    /// Makes the job of a row's message.
    ///
    /// Throws an error whose description says what is wrong with the message; it is written into the row.
    public typealias Reading = @Sendable (_ message: ByteBuffer, _ id: JobID) throws -> NewJob

    private let postgres: PostgresClient
    private let client: JobClient
    private let read: Reading
    private let isKnown: @Sendable (JobID) async throws -> Bool
    private let logger: Logger
    private let moved = Counter(label: "outbox_messages_total")
    private let refused = Counter(label: "outbox_messages_invalid_total")

    static let batch = 500
    /// How long a row is left to the relay that has claimed it, in seconds.
    static let claimLife: Double = 60
    /// When a row is tried again that could not be enqueued, in seconds.
    static let pause: Double = 2
    /// A relay gives up what it has claimed well before others may take it.
    private static let mostDelay: Duration = .seconds(20)
    private static let looksEvery: Duration = .seconds(1)

    /// - Parameters:
    ///   - postgres: of the application, with two connections or more; must be running.
    ///   - isKnown: whether a message has got beyond waiting, as far as the ledger knows.
    public init(
        postgres: PostgresClient, client: JobClient, logger: Logger, read: @escaping Reading,
        isKnown: @escaping @Sendable (JobID) async throws -> Bool = { _ in false }
    ) {
        self.postgres = postgres
        self.client = client
        self.logger = logger
        self.read = read
        self.isKnown = isKnown
    }

    /// Runs until the task is cancelled or the service is shut down. What was claimed is dealt with before.
    public func run() async {
        let stop = StopFlag()
        let bell = Bell()
        await withTaskCancellationOrGracefulShutdownHandler {
            // A task of its own: this one may be cancelled, and a row in hand would stay so for a minute.
            await Task {
                async let listening: Void = listen(bell, until: stop)
                await relay(bell, until: stop)
                await listening
            }.value
        } onCancelOrGracefulShutdown: {
            stop.set()
            bell.ring()
        }
    }

    private func relay(_ bell: Bell, until stop: StopFlag) async {
        var outage = Outage(logger: logger, what: "Messages of the outbox wait")
        while !stop.isSet {
            do {
                let (count, reason) = try await moveSome(until: stop)
                if let reason { throw OutboxError(reason) }
                outage.end()
                if count < Self.batch { await bell.wait(for: Self.looksEvery) }
            } catch {
                outage.begin(because: error)
                await stop.sleep(for: outage.nextWait())
            }
        }
    }

    /// - Returns: how many rows were taken, and why not all of them are enqueued.
    private func moveSome(until stop: StopFlag) async throws -> (Int, String?) {
        let begin = ContinuousClock.now
        let rows = try await claim()
        guard !rows.isEmpty else { return (0, nil) }
        var round = OutboxRound()
        let jobs = await judge(rows, &round)
        if ContinuousClock.now - begin > Self.mostDelay {
            for (row, _) in jobs { round.leave(row, because: "it took too long") }
        } else {
            for (result, row) in zip(await client.enqueue(jobs.map(\.1)), jobs.map(\.0)) { round.take(result, of: row) }
        }
        try await write(round, until: stop)
        moved.increment(by: round.done.count)
        return (rows.count, round.reason)
    }

    private func claim() async throws -> [OutboxRow] {
        let rows = try await postgres.transaction { session in
            let parameters = [PostgresValue.int(Int64(Self.batch)), .double(Self.claimLife)]
            return try session.query(OutboxQueries.claim, parameters).map { row in
                OutboxRow(
                    id: try row.uuid("id"), message: try row.text("message"), wasClaimed: try row.bool("was_claimed"))
            }
        }
        return rows.sorted { ($0.id.high, $0.id.low) < ($1.id.high, $1.id.low) }
    }

    /// What is to be enqueued; the others are dealt with.
    private func judge(_ rows: [OutboxRow], _ round: inout OutboxRound) async -> [(OutboxRow, NewJob)] {
        var jobs: [(OutboxRow, NewJob)] = []
        for row in rows {
            guard let id = row.job else {
                round.faults.append(.init(id: row.id, error: "the id is no UUID of version 7"))
                continue
            }
            do {
                jobs.append((row, try read(ByteBuffer(string: row.message), id)))
            } catch {
                round.faults.append(.init(id: row.id, error: "\(error)".replacing("\0", with: "")))
                continue
            }
            guard row.wasClaimed else { continue }
            do {
                if try await isKnown(id) {
                    round.done.append(row.id)
                    jobs.removeLast()
                }
            } catch {
                round.leave(row, because: "the ledger cannot be asked: \(error)")
                jobs.removeLast()
            }
        }
        refused.increment(by: round.faults.count)
        for fault in round.faults {
            logger.error("A message of the outbox is wrong: its row says why", metadata: ["row": "\(fault.id)"])
        }
        return jobs
    }

    /// Tries until the outbox knows, or others have taken the rows over.
    private func write(_ round: OutboxRound, until stop: StopFlag) async throws {
        let end = ContinuousClock.now + .seconds(30)
        var outage = Outage(logger: logger, what: "The outbox does not learn what became of its rows")
        while true {
            do {
                return try await postgres.transaction { try round.write(to: $0) }
            } catch {
                guard !stop.isSet, ContinuousClock.now < end else { throw error }
                outage.begin(because: error)
                await stop.sleep(for: outage.nextWait())
            }
        }
    }

    /// Rings the bell when rows are inserted. Where that fails, the relay still looks once a second.
    private func listen(_ bell: Bell, until stop: StopFlag) async {
        while !stop.isSet {
            try? await postgres.perform { session in
                try session.listen(OutboxQueries.channel)
                while !stop.isSet {
                    if try session.notification(within: .milliseconds(500)) != nil { bell.ring() }
                }
            }
            await stop.sleep(for: .seconds(1))
        }
    }
}

/// Why rows are left in the outbox.
private struct OutboxError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Rung from anywhere; one task waits for it.
private final class Bell: Sendable {
    private let isRung = Atomic(false)

    func ring() { isRung.store(true, ordering: .relaxed) }

    /// Returns a moment after it rings, at once if it has rung since the last time, or when the time is up.
    func wait(for time: Duration) async {
        let end = ContinuousClock.now + time
        while !isRung.exchange(false, ordering: .relaxed), ContinuousClock.now < end {
            try? await Task.sleep(for: min(.milliseconds(25), end - .now))
        }
    }
}
