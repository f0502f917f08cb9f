import JobRuntime
import Postgres
import TestSupport

@testable import Ledger

/// A database of a test's own, with the ledger's tables.
struct LedgerBench: Sendable {
    let server: PrivatePostgres
    let postgres: PostgresClient

    init(_ server: PrivatePostgres? = nil, connections: Int = 4) async throws {
        let shared = if let server { server } else { try await PrivatePostgres.shared() }
        self.server = shared
        postgres = PostgresClient(
            try await shared.freshDatabase(), connections: connections,
            logger: .quiet)
        try await Migrator(LedgerMigrations.all).run(on: postgres, logger: .quiet)
    }

    /// The rows of a table as text, in their order.
    func rows(of table: String) async throws -> [String] {
        let query = PostgresQuery("SELECT t::text AS line FROM \(table) AS t ORDER BY 1")
        return try await postgres.perform { try $0.query(query).map { try $0.text("line") } }
    }

    /// All that the ledger holds, but for when events were set aside.
    func everything() async throws -> [String] {
        var all: [String] = []
        let tables = [
            "messages", "payloads", "attempts", "status_events", "conversations", "suppressions", "webhook_endpoints",
        ]
        for table in tables {
            all += try await rows(of: table).map { "\(table): \($0)" }
        }
        return all
    }
}
