import JobRuntime
import Ledger
import Logging
import Postgres
import ServiceLifecycle

/// Who must have a message before its client is told that it was accepted (`ENQUEUE_DURABILITY`).
enum Durability: String, CaseIterable {
    /// Redis, as durable as it is set up to be.
    case redis
    /// Redis and so many of its replicas.
    case replicated
    /// Redis, and before it the ledger.
    case ledger
}

/// What has messages in the ledger before they are enqueued. The services run as long as a client has the journal.
struct Acceptances {
    let journal: AcceptanceJournal
    let services: [any Service]
}

extension Settings {
    /// `ENQUEUE_DURABILITY`.
    var durability: Durability {
        get throws {
            let durability: Durability = try reader.choice("ENQUEUE_DURABILITY") ?? .redis
            guard try durability != .ledger || keepsLedger else {
                throw SettingError(
                    variable: "ENQUEUE_DURABILITY",
                    expected: "ledger only where one is kept, beside DATABASE_URL, or POSTGRES_HOST and the like")
            }
            return durability
        }
    }

    /// `ENQUEUE_REPLICAS` and `ENQUEUE_REPLICATION_TIMEOUT_MS`.
    func readReplication(into options: inout RedisStoreOptions) throws {
        guard try durability == .replicated else { return }
        options.replicas = try reader.integer("ENQUEUE_REPLICAS", in: 1...100) ?? 1
        if let timeout = try reader.integer("ENQUEUE_REPLICATION_TIMEOUT_MS", in: 1...60_000) {
            options.replicationTimeout = .milliseconds(timeout)
        }
    }

    /// nil: messages need not be in the ledger to be accepted.
    func acceptances(_ logger: Logger) throws -> Acceptances? {
        guard try durability == .ledger, let configuration = try postgres() else { return nil }
        let postgres = PostgresClient(
            AcceptanceJournal.configuration(from: configuration), connections: 2, logger: logger)
        let journal = AcceptanceJournal(postgres: postgres, logger: logger)
        return Acceptances(journal: journal, services: [postgres, journal])
    }
}
