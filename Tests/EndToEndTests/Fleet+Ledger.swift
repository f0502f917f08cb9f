import Foundation
import Ledger
import Postgres
import TestSupport

/// A fleet that keeps a ledger in a database of its own.
struct LedgerFleet {
    let fleet: Fleet
    let database: PostgresClient

    init(settings: [String: String] = [:]) async throws {
        let server = try await PrivatePostgres.shared()
        let configuration = try await server.freshDatabase()
        database = PostgresClient(configuration, connections: 1, logger: .quiet)
        try await database.perform { session in
            for migration in LedgerMigrations.all { try session.script(migration.sql) }
        }
        fleet = try await Fleet(settings: ["DATABASE_URL": server.url(configuration)].merging(settings) { $1 })
    }
}
