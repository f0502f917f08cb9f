import Postgres
import TestSupport
import Testing

@Suite struct RowTests {
    @Test func whatIsNotThereOrOfAnotherTypeIsNamed() async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            let row = try session.query("SELECT 1.5::numeric AS amount, NULL::bigint AS nothing, 'x' AS name")[0]
            let messages = [
                #expect(throws: PostgresError.self) { try row.int("missing") }?.message,
                #expect(throws: PostgresError.self) { try row.int("amount") }?.message,
                #expect(throws: PostgresError.self) { try row.int("nothing") }?.message,
                #expect(throws: PostgresError.self) { try row.uuid("name") }?.message,
                #expect(throws: PostgresError.self) { try row.texts("name") }?.message,
            ]
            #expect(
                messages == [
                    "there is no column missing", "the column amount (of type 1700) is not an integer",
                    "the column nothing is NULL", "the column name (of type 25) is not a UUID",
                    "the column name (of type 25) is not an array of texts",
                ])
        }
    }

    @Test func rowsOutliveTheirConnection() async throws {
        let server = try await PrivatePostgres.shared()
        var client: PostgresClient? = PostgresClient(server.configuration, logger: .quiet)
        let rows = try await client?.perform { try $0.query("SELECT n FROM generate_series(1, 1000) AS n") }
        client = nil
        let numbers = try #require(rows).map { try $0.int("n") }
        #expect(numbers == Array(1...1000))
        #expect(rows?.last.map { try? $0.int("n") } == 1000)
    }

    @Test func aStatementTellsHowManyRowsItTouched() async throws {
        let client = try await freshClient()
        try await client.perform { session throws in
            try session.script("CREATE TABLE numbers (n bigint)")
            #expect(try session.query("INSERT INTO numbers SELECT generate_series(1, 7)").affected == 7)
            #expect(try session.query("UPDATE numbers SET n = 0 WHERE n > 4").affected == 3)
            let deleted = try session.query("DELETE FROM numbers WHERE n = 0 RETURNING n")
            #expect(deleted.affected == 3)
            #expect(deleted.count == 3)
            #expect(try session.query("SELECT n FROM numbers WHERE false").isEmpty)
        }
    }

    @Test func theFirstOfTwoColumnsWithOneNameCounts() async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            #expect(try session.query("SELECT 1 AS n, 2 AS n")[0].int("n") == 1)
        }
    }
}
