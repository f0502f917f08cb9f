import Ledger
import Postgres
import Redis
import TestSupport
import Testing

@testable import posthaste

/// A Redis that loses everything in the middle of the work, beside a ledger that has every message before its client is
/// told that it was accepted.
@Suite(.timeLimit(.minutes(5))) struct LostRedisTests {
    @Test func everyAcceptedMessageEndsDeliveredAfterTheAuditsRepair() async throws {
        let server = try await PrivatePostgres()
        let database = try await server.freshDatabase()
        let postgres = PostgresClient(database, connections: 1, logger: .quiet)
        try await Migrator(LedgerMigrations.all).run(on: postgres, logger: .quiet)
        let fleet = try await Fleet(settings: [
            "DATABASE_URL": server.url(database), "ENQUEUE_DURABILITY": "ledger", "LOG_LEVEL": "info",
            "AUDIT_INTERVAL_SECONDS": "0", "WORKER_CONCURRENCY": "2",
        ])
        let simulator = "http://127.0.0.1:\(fleet.simulatorPort)"
        let workers = [try await fleet.startWorker(), try await fleet.startWorker()]

        // The delay keeps a part of them waiting when Redis is lost.
        var ids: [String] = []
        for number in 0..<120 {
            if number == 60 {
                _ = try await fleet.redis.command("FLUSHALL")  // of the test's own server
            }
            let to = number % 3 == 0 ? "\(simulator)/webhooks/w\(number)" : "+1555\(3_000_000 + number)"
            ids.append(
                try await fleet.send([
                    "from": number % 3 == 0 ? "shop" : "+15551234567", "to": to,
                    "type": number % 3 == 0 ? "webhook" : "sms", "body": "lost \(number) [simulate:delay=400]",
                ]))
        }
        // What is left by then is sent; what was lost nobody sends.
        try await eventually("the queues are empty") {
            for key in ["message_queue:sms", "message_queue:webhook", "message_events"] {
                guard try await fleet.redis.command("XLEN", key).int == 0 else { return false }
            }
            return true
        }
        // Once all are old enough not to be on their way into a queue.
        try await eventually("the audit misses some") {
            let audit = try fleet.start("audit")
            return await audit.wait() == 1 && !audit.output.contains("on the way")
        }

        let repair = try fleet.start("audit", "--repair")
        #expect(await repair.wait() == 0, "\(repair.output)")
        let sent = PostgresQuery(
            "SELECT count(*) AS n FROM messages WHERE accepted_at IS NOT NULL AND status IN ('sent', 'delivered')")
        try await eventually("every one is sent", within: .seconds(120)) {
            try await postgres.perform { try $0.query(sent).first?.int("n") } == Int64(ids.count)
        }
        let after = try fleet.start("audit")
        #expect(await after.wait() == 0, "\(after.output)")
        #expect(after.output.contains("120 = 120 + 0: it balances"), "\(after.output)")

        // What Twilio had taken before the loss was found there, and not sent again.
        #expect(try await fleet.counts().twilio.accepted == 80)
        #expect(workers.filter(\.process.isRunning).count == 2)
    }
}
