import Postgres
import TestSupport
import Testing

@Suite struct ErrorTests {
    @Test func aConstraintIsNamedAndTheRowIsNotShown() async throws {
        let client = try await freshClient()
        try await client.perform { session throws in
            try session.script(
                """
                CREATE TABLE people (
                    address text CONSTRAINT one_each UNIQUE, age int CONSTRAINT grown CHECK (age > 17)
                );
                INSERT INTO people VALUES ('ann@example.com', 20)
                """)
        }
        let double = try await failure {
            try await client.perform {
                _ = try $0.query("INSERT INTO people VALUES ($1, 30)", [.text("ann@example.com")])
            }
        }
        #expect(double.code == .refused)
        #expect(double.sqlState == "23505")
        #expect(double.severity == "ERROR")
        #expect(double.constraint == "one_each")
        #expect(double.table == "people")
        #expect(double.detail == "Key (address)=(ann@example.com) already exists.")
        #expect(double.isData && !double.isTransient && !double.mayHaveRun)
        #expect(!"\(double)".contains("ann@") && !String(reflecting: double).contains("ann@"))
        let young = try await failure {
            try await client.perform { _ = try $0.query("INSERT INTO people VALUES ('x', 1)") }
        }
        #expect(young.sqlState == "23514")
        #expect(young.constraint == "grown")
    }

    /// Postgres cannot hold U+0000.
    @Test func aNULInATextIsAnErrorOfData() async throws {
        let client = try await sharedClient()
        var column = PostgresColumn(.text, capacity: 1)
        column.append(text: "\u{0}")
        for value in [PostgresValue.text("a\u{0}b"), column.value] {
            let error = try await failure { try await client.perform { _ = try $0.query("SELECT $1", [value]) } }
            #expect(error.sqlState == "22021")
            #expect(error.isData)
        }
    }

    @Test func aNULInAStatementIsNotItsEnd() async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            for isPrepared in [false, true] {
                let query = PostgresQuery("SELECT 1\u{0}; nonsense", isPrepared: isPrepared)
                let error = #expect(throws: PostgresError.self) { try session.query(query) }
                #expect(error?.code == .badParameter)
            }
            let error = #expect(throws: PostgresError.self) { try session.script("SELECT 1\u{0}") }
            #expect(error?.code == .badParameter)
            #expect(try session.query("SELECT 1 AS n")[0].int("n") == 1)
        }
    }

    @Test func theServerGivesAStatementUp() async throws {
        let client = try await sharedClient { $0.statementTimeout = .milliseconds(50) }
        let error = try await failure { try await client.perform { _ = try $0.query("SELECT pg_sleep(60)") } }
        #expect(error.code == .refused)
        #expect(error.sqlState == "57014")
        #expect(error.isTransient && !error.isData)
    }

    @Test func aSyntaxErrorIsNeitherOfDataNorOfTheMoment() async throws {
        let client = try await sharedClient()
        let error = try await failure { try await client.perform { try $0.script("SELEKT") } }
        #expect(error.sqlState == "42601")
        #expect(!error.isData && !error.isTransient)
    }

    @Test func tooManyParametersAreRefused() async throws {
        let client = try await sharedClient()
        let values = [PostgresValue](repeating: .bool(true), count: 65_536)
        let error = try await failure { try await client.perform { _ = try $0.query("SELECT 1", values) } }
        #expect(error.code == .badParameter)
    }

    @Test func copyingIsRefusedAndTheConnectionReplaced() async throws {
        let client = try await freshClient(connections: 1)
        for statement in ["COPY (SELECT 1) TO STDOUT", "CREATE TABLE t (n int); COPY t FROM STDIN"] {
            let error = try await failure { try await client.perform { try $0.script(statement) } }
            #expect(error.message == "COPY is not supported")
            #expect(try await client.perform { try $0.query("SELECT 1").count } == 1)
        }
    }

    @Test func aPlanThatNoLongerFitsIsMadeAnew() async throws {
        let client = try await freshClient(connections: 1)
        let query = PostgresQuery("SELECT * FROM things", isPrepared: true)
        try await client.perform { session throws in
            try session.script("CREATE TABLE things (n int)")
            _ = try session.query(query)
            try session.script("ALTER TABLE things ADD COLUMN name text")
        }
        let error = try await failure { try await client.perform { _ = try $0.query(query) } }
        #expect(error.isTransient)
        #expect(try await client.perform { try $0.query(query).isEmpty })
    }

    @Test func manyPreparedStatementsDoNotFillTheServer() async throws {
        let client = try await sharedClient(connections: 1)
        let kept = try await client.perform { session throws in
            for number in 0..<600 {
                let query = PostgresQuery("SELECT \(number) + $1 AS n", isPrepared: true)
                #expect(try session.query(query, [.int(1)])[0].int("n") == Int64(number + 1))
            }
            return try session.query("SELECT count(*) AS n FROM pg_prepared_statements")[0].int("n")
        }
        #expect(kept == 500)
    }
}
