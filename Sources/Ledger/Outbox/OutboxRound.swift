import JobRuntime
import Postgres

/// A row of an outbox.
struct OutboxRow: Equatable, Sendable {
    var id: PostgresUUID
    /// JSON.
    var message: String
    /// A relay that had it before may have enqueued it.
    var wasClaimed: Bool

    /// nil: it is no id of a job.
    var job: JobID? { JobID("\(id)") }
}

/// What is to become of the rows that a relay has in hand.
struct OutboxRound: Equatable, Sendable {
    /// Their messages are in a queue, or were sent.
    var done: [PostgresUUID] = []
    var faults: [Fault] = []
    /// To be tried again.
    var left: [PostgresUUID] = []
    /// Why the first of them was left.
    var reason: String?

    struct Fault: Equatable, Sendable {
        var id: PostgresUUID
        var error: String
    }

    mutating func leave(_ row: OutboxRow, because reason: String) {
        left.append(row.id)
        self.reason = self.reason ?? reason
    }

    mutating func take(_ result: Result<Receipt, EnqueueError>, of row: OutboxRow) {
        switch result {
        case .success: done.append(row.id)
        case .failure(.unavailable(let reason)), .failure(.full(let reason)):
            leave(row, because: reason)
        // No row has an idempotency key.
        case .failure(.conflict(let first)): leave(row, because: "\(first) has its idempotency key")
        case .failure(.uncertain(_, let reason)): leave(row, because: reason)
        }
    }

    /// Tells the outbox, in a transaction.
    func write(to session: PostgresSession) throws {
        if !done.isEmpty { try session.query(OutboxQueries.delete, [.uuids(done)]) }
        if !faults.isEmpty {
            try session.query(OutboxQueries.refuse, [.uuids(faults.map(\.id)), .texts(faults.map(\.error))])
        }
        if !left.isEmpty {
            let age = OutboxRelay.claimLife - OutboxRelay.pause
            try session.query(OutboxQueries.release, [.uuids(left), .double(age)])
        }
    }
}
