import Ledger
import Postgres
import TestSupport
import Testing

@testable import posthaste

/// The ingress beside a ledger that is away.
@Suite struct LedgerOutageTests {
    @Test func messagesAreTakenAndShownAndListsComeBack() async throws {
        let server = try await PrivatePostgres(isDurable: true)
        let database = try await server.freshDatabase()
        let postgres = PostgresClient(database, connections: 1, logger: .quiet)
        try await postgres.perform { session in
            for migration in LedgerMigrations.all { try session.script(migration.sql) }
        }
        await server.kill()

        let fleet = try await Fleet(settings: ["DATABASE_URL": server.url(database)])
        let id = try await fleet.send(["from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "wait"])
        let answer = try await fleet.get("/api/v1/messages/\(id)")
        #expect(answer.status == 200)
        #expect(try answer.decoded(as: Fleet.Message.self).status == "pending")
        #expect(try await fleet.get("/api/v1/messages").status == 503)

        try await server.start()
        try await eventually("there are lists again") { try await fleet.get("/api/v1/messages").status == 200 }
        #expect(try await fleet.get("/api/v1/messages/\(id)").status == 200)
    }
}
