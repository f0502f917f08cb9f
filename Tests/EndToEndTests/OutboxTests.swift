import Foundation
import JobRuntime
import Ledger
import Postgres
import Redis
import TestSupport
import Testing

/// Messages from an application's own database, sent by real workers.
@Suite(.timeLimit(.minutes(5))) struct OutboxTests {
    @Test func theTableIsPrinted() async throws {
        let fleet = try await Fleet()
        let answer = try await fleet.operate("outbox", "sql")
        #expect(answer.code == 0)
        #expect(answer.output == Outbox.sql)
    }

    /// The example's order is placed, its message sent, and the message of the order that failed is not.
    @Test func whatIsCommittedIsSentOnce() async throws {
        let postgres = try await PrivatePostgres.shared()
        let application = try await postgres.freshDatabase()
        let database = PostgresClient(application, connections: 1, logger: .quiet)
        try await database.perform { try $0.script(Outbox.sql) }
        let fleet = try await Fleet()
        let outbox = ["OUTBOX_DATABASE_URL": postgres.url(application)]
        let first = try await fleet.startWorker(outbox)
        _ = try await fleet.startWorker(outbox)
        let example = try fleet.start(
            program: ChildProcess.product("example-outbox"), [],
            environment: ["SHOP_DATABASE_URL": postgres.url(application)])
        #expect(await example.wait() == 0)
        #expect(example.output.contains("No rare book, and no message."), "\(example.output)")
        try await eventually("it is sent") { try await fleet.counts().twilio.accepted == 1 }

        // One worker is killed while they send many; one message is wrong.
        try await database.perform { session in
            _ = try session.query(
                """
                INSERT INTO posthaste_outbox (message)
                SELECT jsonb_build_object(
                    'type', 'sms', 'from', '+15551234567', 'to', '+1555987' || (1000 + n), 'body', 'text ' || n)
                FROM generate_series(1, 300) AS n
                """)
            _ = try session.query("INSERT INTO posthaste_outbox (message) VALUES ('{\"type\": \"fax\"}')")
        }
        try await eventually("some are sent") { try await fleet.counts().twilio.accepted > 20 }
        await first.process.killHard()
        // As a minute later.
        try await eventually("one is left") {
            try await database.perform { session in
                _ = try session.query("UPDATE posthaste_outbox SET claimed_at = claimed_at - interval '1 minute'")
                return try session.query("SELECT FROM posthaste_outbox").count == 1
            }
        }
        // What the dead worker was sending is looked up first.
        try await eventually("all are sent", within: .seconds(120)) {
            try await fleet.counts().twilio.accepted >= 301
        }
        try await eventually("nothing is left to do", within: .seconds(120)) {
            try await fleet.pending().allSatisfy { $0.retrying == 0 && $0.pending == 0 }
        }
        #expect(try await fleet.counts().twilio.accepted == 301)
        let error = try await database.perform { try $0.query("SELECT error FROM posthaste_outbox")[0].text("error") }
        #expect(error.contains("/type"), "\(error)")
        try await fleet.expectEmptyQueues()
    }
}
