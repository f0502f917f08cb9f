import Postgres
import TestSupport
import Testing

@Suite struct TransactionTests {
    private struct Stop: Error {}

    private func clientWithTable() async throws -> PostgresClient {
        let client = try await freshClient(connections: 2)
        try await client.perform { try $0.script("CREATE TABLE numbers (n bigint PRIMARY KEY)") }
        return client
    }

    private func count(_ client: PostgresClient) async throws -> Int64 {
        try await client.perform { try $0.query("SELECT count(*) AS n FROM numbers")[0].int("n") }
    }

    @Test func isCommittedWhenTheBodyReturns() async throws {
        let client = try await clientWithTable()
        let affected = try await client.transaction { try $0.query("INSERT INTO numbers VALUES (1), (2)").affected }
        #expect(affected == 2)
        #expect(try await count(client) == 2)
    }

    @Test func isRolledBackWhenTheBodyThrows() async throws {
        let client = try await clientWithTable()
        await #expect(throws: Stop.self) {
            try await client.transaction { session in
                try session.query("INSERT INTO numbers VALUES (1)")
                throw Stop()
            }
        }
        #expect(try await count(client) == 0)
    }

    @Test func anErrorThatTheBodyHidesIsFoundAtTheEnd() async throws {
        let client = try await clientWithTable()
        let error = try await failure {
            try await client.transaction { session in
                try session.query("INSERT INTO numbers VALUES (1)")
                _ = try? session.query("SELECT nonsense")
            }
        }
        #expect(error.sqlState == "25P02")
        #expect(try await count(client) == 0)
    }

    @Test func anErrorOfTheCommitIsTheServers() async throws {
        let client = try await freshClient(connections: 1)
        try await client.perform {
            try $0.script("CREATE TABLE numbers (n bigint CONSTRAINT one_each UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        }
        let error = try await failure {
            try await client.transaction { _ = try $0.query("INSERT INTO numbers VALUES (1), (1)") }
        }
        #expect(error.constraint == "one_each")
        #expect(!error.mayHaveRun)
        #expect(try await count(client) == 0)
    }

    @Test func oneInsideAnotherIsRefused() async throws {
        let client = try await clientWithTable()
        let error = try await failure {
            try await client.transaction { session in
                try session.query("INSERT INTO numbers VALUES (1)")
                try session.transaction {}
            }
        }
        #expect(error.sqlState == "25001")
        #expect(try await count(client) == 0)
    }

    @Test func oneThatIsLeftOpenIsRolledBack() async throws {
        let client = try await clientWithTable()
        try await client.perform { try $0.script("BEGIN; INSERT INTO numbers VALUES (1)") }
        // On whichever connection: it waits for the row's lock, unless the transaction is over.
        try await client.perform { _ = try $0.query("INSERT INTO numbers VALUES (1)") }
        #expect(try await count(client) == 1)
        #expect(try await client.perform { $0.isInTransaction } == false)
    }

    @Test func aScriptIsOneTransaction() async throws {
        let client = try await clientWithTable()
        let error = try await failure {
            try await client.perform { try $0.script("INSERT INTO numbers VALUES (1); SELECT 1 / 0") }
        }
        #expect(error.sqlState == "22012")
        #expect(try await count(client) == 0)
    }
}
