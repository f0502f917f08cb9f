import JobRuntime
import Messaging
import Postgres
import Synchronization

/// Writes batches into the tables of the ledger, each in one transaction.
///
/// Many may write at the same time, in many processes. Each takes its rows in the order of the tables below and of their
/// keys, so that none waits for another in a circle.
struct LedgerWriter: Sendable {
    let postgres: PostgresClient
    private let weeks = Weeks()

    init(postgres: PostgresClient) { self.postgres = postgres }

    /// Returns once it is committed, and on the server's disk, however the server is set up.
    func write(_ batch: LedgerBatch) async throws {
        guard !batch.isEmpty else { return }
        try await ensureWeeks(of: batch)
        try await postgres.transaction { _ = try $0.pipeline(Self.calls(batch)) }
    }

    /// Statements and their parameters, in the order in which everybody makes them.
    private static func calls(_ batch: LedgerBatch) -> [(PostgresQuery, [PostgresValue])] {
        var calls: [(PostgresQuery, [PostgresValue])] = [(LedgerQueries.durable, [])]
        if !batch.attempts.isEmpty { calls.append((LedgerQueries.attempts, batch.attempts.columns)) }
        if !batch.statusEvents.isEmpty { calls.append((LedgerQueries.statusEvents, batch.statusEvents.columns)) }
        if !batch.messages.isEmpty { calls.append((LedgerQueries.messages, batch.messages.columns)) }
        let whole = batch.messages.filter { $0.acceptance?.whole != nil }
        if !whole.isEmpty { calls.append((LedgerQueries.payloads, whole.payloadColumns)) }
        if !batch.conversations.isEmpty { calls.append((LedgerQueries.conversations, batch.conversations.columns)) }
        let webhooks = batch.messages.filter { $0.channel == .webhook }
        if !webhooks.isEmpty { calls.append((LedgerQueries.endpoints, [.uuids(webhooks.map { .init($0.id) })])) }
        if !batch.suppressions.isEmpty { calls.append((LedgerQueries.suppressions, batch.suppressions.columns)) }
        if !batch.rejected.isEmpty { calls.append((LedgerQueries.rejected, batch.rejected.columns)) }
        return calls
    }

    /// Messages of a week have a part of the tables of their own, which must be there before they come.
    private func ensureWeeks(of batch: LedgerBatch) async throws {
        let missing = weeks.missing(batch.messages)
        guard !missing.isEmpty else { return }
        let moments = PostgresValue.ints(missing.flatMap { [$0 * Weeks.length, ($0 + 1) * Weeks.length - 1] })
        try await postgres.transaction { session in _ = try session.query("SELECT ensure_weeks($1)", [moments]) }
        weeks.learn(missing)
    }

    /// Forgets which parts are there: one may have been dropped.
    func forgetWeeks() { weeks.forget() }
}

/// The weeks whose parts are known to be there. They begin when the epoch did, on a Thursday; where those of the parts
/// begin is the database's to know.
private final class Weeks: Sendable {
    static let length: Int64 = 7 * 86_400_000
    private let known = Mutex<Set<Int64>>([])

    func missing(_ messages: [MessageChange]) -> Set<Int64> {
        let moments = Set(messages.lazy.map { $0.id.milliseconds / Self.length })
        return moments.subtracting(known.withLock { $0 })
    }

    func learn(_ weeks: Set<Int64>) { known.withLock { $0.formUnion(weeks) } }

    func forget() { known.withLock { $0 = [] } }
}
