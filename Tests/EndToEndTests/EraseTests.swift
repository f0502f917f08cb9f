import Foundation
import Ledger
import Postgres
import Redis
import TestSupport
import Testing

@testable import posthaste

/// `posthaste erase`, beside workers and a ledger.
@Suite(.timeLimit(.minutes(5))) struct EraseTests {
    @Test func anAddressAndItsTextsAreGoneEverywhere() async throws {
        let server = try await PrivatePostgres()
        let database = try await server.freshDatabase()
        let postgres = PostgresClient(database, connections: 1, logger: .quiet)
        try await Migrator(LedgerMigrations.all).run(on: postgres, logger: .quiet)
        let fleet = try await Fleet(settings: ["DATABASE_URL": server.url(database), "AUDIT_INTERVAL_SECONDS": "0"])
        _ = try await fleet.startWorker()
        let (mine, other) = ("+15557654321", "+15550000001")
        var ids: [String] = []
        for (to, body) in [(mine, "my secret"), (mine, "my other secret"), (other, "not mine")] {
            ids.append(
                try await fleet.send(["from": "+15551234567", "to": to, "type": "sms", "body": body]))
        }
        let sent = PostgresQuery("SELECT count(*) AS n FROM messages WHERE status IN ('sent', 'delivered')")
        try await eventually("all are sent") {
            try await postgres.perform { try $0.query(sent).first?.int("n") } == 3
        }
        // One more waits.
        ids.append(
            try await fleet.send([
                "from": "+15551234567", "to": mine, "type": "sms", "body": "a secret that waits",
                "send_at": Date.now.addingTimeInterval(3600).ISO8601Format(),
            ]))
        let accepted = PostgresQuery("SELECT count(*) AS n FROM messages WHERE accepted_at IS NOT NULL")
        try await eventually("all are known") {
            try await postgres.perform { try $0.query(accepted).first?.int("n") } == 4
        }

        let refused = try fleet.start("erase", mine, "--yes")
        #expect(await refused.wait() == 1, "\(refused.output)")
        #expect(refused.output.contains(ids[3]), "it names what waits: \(refused.output)")
        let erased = try fleet.start("erase", mine, "--yes", "--cancel")
        #expect(await erased.wait() == 0, "\(erased.output)")
        #expect(erased.output.contains("3 messages"), "\(erased.output)")

        try await eventually("nothing of it is left in the ledger") {
            try await postgres.perform { session in
                for table in ["messages", "attempts", "status_events", "conversations", "rejected_events", "payloads"] {
                    let query = PostgresQuery(
                        "SELECT count(*) AS n FROM \(table) AS t WHERE t::text LIKE '%7654321%' OR t::text LIKE '%secret%'"
                    )
                    guard try session.query(query).first?.int("n") == 0 else { return false }
                }
                return true
            }
        }
        for (index, id) in ids.enumerated() {
            let record = try await fleet.redis.command("HGETALL", "job:\(id)").map ?? [:]
            #expect((record["payload"]?.string?.isEmpty == false) == (index == 2))
        }
        let message = try await fleet.get("/api/v1/messages/\(ids[2])")
        #expect(String(decoding: message.body, as: UTF8.self).contains("not mine"))
    }
}
