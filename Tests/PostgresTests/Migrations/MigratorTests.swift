import Postgres
import TestSupport
import Testing

@Suite struct MigratorTests {
    private let tables = Migration(number: 1, name: "tables", sql: "CREATE TABLE a (n int); CREATE TABLE b (n int);")
    private let row = Migration(number: 2, name: "row", sql: "INSERT INTO a VALUES (1)")

    private func rows(_ client: PostgresClient, of table: String) async throws -> Int64 {
        try await client.perform { try $0.query(PostgresQuery("SELECT count(*) AS n FROM \(table)"))[0].int("n") }
    }

    @Test func appliesWhatIsPendingAndOnlyOnce() async throws {
        let client = try await freshClient()
        let first = try Migrator([tables])
        #expect(try await first.status(on: client).pending == [tables])
        #expect(try await first.run(on: client, logger: .quiet) == [tables])
        #expect(try await first.run(on: client, logger: .quiet).isEmpty)
        let second = try Migrator([tables, row])
        #expect(try await second.status(on: client).pending == [row])
        #expect(try await second.run(on: client, logger: .quiet) == [row])
        let status = try await second.status(on: client)
        #expect(status.isUpToDate)
        #expect(status.applied.map(\.name) == ["tables", "row"])
        #expect(try await rows(client, of: "a") == 1)
        // An older program does not touch it.
        #expect(try await first.status(on: client).problem == .ahead(number: 2, name: "row"))
        await #expect(throws: MigrationError.ahead(number: 2, name: "row")) {
            try await first.run(on: client, logger: .quiet)
        }
    }

    @Test func tenProcessesAtOnce() async throws {
        let database = try await freshClient().configuration
        let slow = Migration(number: 1, name: "slow", sql: "SELECT pg_sleep(0.3); CREATE TABLE a (n int)")
        let migrator = try Migrator([slow, row])
        let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
            for _ in 0..<10 {
                group.addTask {
                    try await migrator.run(
                        on: PostgresClient(database, connections: 1, logger: .quiet), logger: .quiet)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied == [slow, row])
        #expect(try await rows(PostgresClient(database, logger: .quiet), of: "a") == 1)
    }

    @Test func whatWasAppliedMustNotChange() async throws {
        let client = try await freshClient()
        try await Migrator([tables]).run(on: client, logger: .quiet)
        let edited = Migration(number: 1, name: "tables", sql: tables.sql + " ")
        await #expect(throws: MigrationError.changed(edited)) {
            try await Migrator([edited, row]).run(on: client, logger: .quiet)
        }
        #expect(try await rows(client, of: "a") == 0)
    }

    @Test func oneThatFailsLeavesNothing() async throws {
        let client = try await freshClient()
        let bad = Migration(
            number: 2, name: "bad", sql: "CREATE TABLE c (n int); INSERT INTO a VALUES (1); SELECT 1 / 0")
        let migrator = try Migrator([tables, bad])
        for _ in 0..<2 {
            let error = await #expect(throws: MigrationError.self) {
                try await migrator.run(on: client, logger: .quiet)
            }
            #expect(
                "\(error, default: "")".contains(
                    "migration 2 (bad) failed and was rolled back: postgres: refused 22012"))
        }
        #expect(try await migrator.status(on: client).pending == [bad])
        #expect(try await rows(client, of: "a") == 0)
        let tables = try await client.perform { try $0.query("SELECT FROM pg_tables WHERE tablename = 'c'").count }
        #expect(tables == 0)
    }

    @Test func oneThatEndsItsTransactionIsRefused() async throws {
        let client = try await freshClient()
        let bad = Migration(number: 1, name: "bad", sql: "COMMIT; SELECT 1")
        let migrator = try Migrator([bad])
        await #expect(throws: MigrationError.endsTransaction(bad)) {
            try await migrator.run(on: client, logger: .quiet)
        }
        #expect(try await migrator.status(on: client).applied.isEmpty)
    }

    /// Which an ordinary statement must not.
    @Test func mayTakeLongerThanTheStatementTimeout() async throws {
        var configuration = try await freshClient().configuration
        configuration.statementTimeout = .milliseconds(20)
        let client = PostgresClient(configuration, connections: 1, logger: .quiet)
        let slow = Migration(number: 1, name: "slow", sql: "SELECT pg_sleep(0.1)")
        #expect(try await Migrator([slow]).run(on: client, logger: .quiet) == [slow])
        let setting = try await client.perform { try $0.query("SHOW statement_timeout")[0].text("statement_timeout") }
        #expect(setting == "20ms")
    }
}
