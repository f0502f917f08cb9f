import Postgres
import TestSupport
import Testing

@Suite struct SessionTests {
    @Test func isSetUp() async throws {
        let client = try await sharedClient {
            $0.applicationName = "tests of ours"
            $0.statementTimeout = .seconds(7)
        }
        try await client.perform { session throws in
            func setting(_ name: String) throws -> String {
                try session.query("SELECT current_setting($1) AS v", [.text(name)])[0].text("v")
            }
            #expect(try setting("application_name") == "tests of ours")
            #expect(try setting("statement_timeout") == "7s")
            #expect(try setting("client_encoding") == "UTF8")
            #expect(try setting("TimeZone") == "UTC")
            #expect(try setting("idle_in_transaction_session_timeout") == "42s")
        }
    }

    @Test func theSameTextWithOtherTypesIsAnotherStatement() async throws {
        let client = try await sharedClient(connections: 1)
        let query = PostgresQuery("SELECT pg_typeof($1)::text AS t", isPrepared: true)
        try await client.perform { session throws in
            for _ in 0..<2 {
                #expect(try session.query(query, [.int(1)])[0].text("t") == "bigint")
                #expect(try session.query(query, [.text("1")])[0].text("t") == "text")
            }
            #expect(try session.query("SELECT count(*) AS n FROM pg_prepared_statements")[0].int("n") == 2)
        }
    }

    @Test func aLargeAnswerAndALargeParameter() async throws {
        let client = try await sharedClient(connections: 1)
        let bytes = [UInt8](repeating: 7, count: 20_000_000)
        let back = try await client.perform { session throws in
            try session.query("SELECT $1 AS v, (SELECT count(*) FROM generate_series(1, 10)) AS n", [.bytes(bytes)])[0]
                .bytes("v")
        }
        #expect(back == bytes)
        let rows = try await client.perform {
            try $0.query("SELECT n, 'row ' || n AS t FROM generate_series(1, 200000) AS n")
        }
        #expect(rows.count == 200_000)
        #expect(try rows.last?.text("t") == "row 200000")
    }

    /// What a function of the server has to say is for the log.
    @Test func noticesDoNoHarm() async throws {
        let client = try await sharedClient(connections: 1)
        try await client.perform { session throws in
            try session.script("DO $$ BEGIN FOR i IN 1..1000 LOOP RAISE NOTICE 'n %', i; END LOOP; END $$")
            #expect(try session.query("SELECT 1 AS n")[0].int("n") == 1)
        }
    }
}
