import Postgres
import TestSupport
import Testing

@Suite struct PipelineTests {
    @Test(arguments: [false, true])
    func answersComeInTheOrderOfTheCalls(isPrepared: Bool) async throws {
        let client = try await sharedClient(connections: 1)
        let query = PostgresQuery("SELECT $1 AS n", isPrepared: isPrepared)
        for _ in 0..<2 {
            let numbers = try await client.perform { session in
                try session.pipeline((0..<300).map { (query, [.int($0)]) }).map { try $0[0].int("n") }
            }
            #expect(numbers == Array(0..<300))
        }
        #expect(try await client.perform { try $0.pipeline([]).isEmpty })
    }

    /// More than both sides' buffers hold: neither may wait for the other to read.
    @Test func manyCallsWithLargeAnswers() async throws {
        let client = try await sharedClient(connections: 1)
        let text = String(repeating: "x", count: 10_000)
        let total = try await client.perform { session in
            let rows = try session.pipeline(
                (0..<5000).map { _ in (PostgresQuery("SELECT $1 AS t", isPrepared: true), [.text(text)]) })
            return try rows.reduce(0) { try $0 + $1[0].text("t").utf8.count }
        }
        #expect(total == 50_000_000)
    }

    @Test func theFirstErrorEndsItAndIsReported() async throws {
        let client = try await freshClient(connections: 1)
        try await client.perform { session in
            try session.script("CREATE TABLE numbers (n bigint PRIMARY KEY)")
            let insert = PostgresQuery("INSERT INTO numbers VALUES ($1)", isPrepared: true)
            let other = PostgresQuery("SELECT $1::text AS t", isPrepared: true)
            let error = #expect(throws: PostgresError.self) {
                try session.pipeline([
                    (insert, [.int(1)]), (insert, [.int(2)]), (insert, [.int(1)]), (other, [.text("x")]),
                    (insert, [.int(1)]),
                ])
            }
            #expect(error?.sqlState == "23505")
            #expect(error?.call == 2)
            #expect(error?.mayHaveRun == false)
            // Outside of a transaction it was one: nothing of it remains.
            #expect(try session.query("SELECT count(*) AS n FROM numbers")[0].int("n") == 0)
            // What was not prepared behind the error is prepared now, and the session goes on.
            #expect(try session.pipeline([(other, [.text("y")])])[0][0].text("t") == "y")
        }
    }

    @Test func anErrorOfPreparingBelongsToItsCall() async throws {
        let client = try await sharedClient(connections: 1)
        try await client.perform { session in
            let bad = PostgresQuery("SELECT nothing FROM nowhere", isPrepared: true)
            for _ in 0..<2 {
                let error = #expect(throws: PostgresError.self) { try session.pipeline([("SELECT 1", []), (bad, [])]) }
                #expect(error?.sqlState == "42P01")
                #expect(error?.call == 1)
            }
            var column = PostgresColumn(.bool, capacity: 1)
            column.append(int: 1)
            let value = column.value
            let unsent = #expect(throws: PostgresError.self) {
                try session.pipeline([("SELECT 1", []), ("SELECT $1", [value])])
            }
            #expect(unsent?.call == 1)
            #expect(unsent?.code == .badParameter)
        }
    }

    @Test func aCallThatCannotBeSentEndsTheConnection() async throws {
        let client = try await sharedClient(connections: 1)
        let tooMany = [PostgresValue](repeating: .bool(true), count: 65_536)
        try await client.perform { session in
            let error = #expect(throws: PostgresError.self) {
                try session.pipeline([("SELECT 1", []), ("SELECT 2", tooMany)])
            }
            #expect(error?.code == .badParameter)
            #expect(throws: PostgresError(.lost, "the connection has ended")) { try session.query("SELECT 3") }
        }
        #expect(try await client.perform { try $0.query("SELECT 4 AS n")[0].int("n") } == 4)
    }

    /// It shows only when the transaction that nobody began is to end.
    @Test func anErrorAtTheEnd() async throws {
        let client = try await freshClient(connections: 1)
        try await client.perform { session in
            try session.script(
                "CREATE TABLE numbers (n bigint CONSTRAINT one_each UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let insert = PostgresQuery("INSERT INTO numbers VALUES (1)")
            let error = #expect(throws: PostgresError.self) { try session.pipeline([(insert, []), (insert, [])]) }
            #expect(error?.constraint == "one_each")
            #expect(try session.query("SELECT count(*) AS n FROM numbers")[0].int("n") == 0)
        }
    }

    @Test func insideATransactionAnErrorAbortsTheRest() async throws {
        let client = try await freshClient(connections: 1)
        try await client.perform { session in
            try session.script("CREATE TABLE numbers (n bigint PRIMARY KEY)")
            let insert = PostgresQuery("INSERT INTO numbers VALUES ($1)")
            #expect(throws: PostgresError.self) {
                try session.transaction {
                    try session.query(insert, [.int(1)])
                    _ = try session.pipeline([(insert, [.int(2)]), (insert, [.int(2)])])
                }
            }
            #expect(try session.query("SELECT count(*) AS n FROM numbers")[0].int("n") == 0)
            let rows = try session.transaction { try session.pipeline([(insert, [.int(1)]), (insert, [.int(2)])]) }
            #expect(rows.map(\.affected) == [1, 1])
            #expect(try session.query("SELECT count(*) AS n FROM numbers")[0].int("n") == 2)
        }
    }
}
