import Postgres
import TestSupport
import Testing

/// The server dies, stands still, or is not there.
@Suite struct ServerOutageTests {
    private func client(
        of server: PrivatePostgres, connections: Int = 2, _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) -> PostgresClient {
        var configuration = server.configuration
        change(&configuration)
        return PostgresClient(configuration, connections: connections, logger: .quiet)
    }

    private func answers(_ client: PostgresClient) async -> Bool {
        (try? await client.perform { try $0.query("SELECT 1").count }) == 1
    }

    /// How many of the server's processes run a statement that begins like this.
    private func isRunning(_ start: String, on server: PrivatePostgres) async throws -> Bool {
        try await client(of: server).perform { session in
            let rows = try session.query(
                "SELECT FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, $1)", [.text(start)])
            return !rows.isEmpty
        }
    }

    @Test func killedInTheMiddleOfAStatement() async throws {
        let server = try await PrivatePostgres()
        let client = client(of: server)
        async let sleeping = failure { try await client.perform { _ = try $0.query("/*one*/ SELECT pg_sleep(60)") } }
        async let inTransaction = failure {
            try await client.transaction { _ = try $0.query("/*two*/ SELECT pg_sleep(60)") }
        }
        try await eventually("both run") {
            let isFirst = try await isRunning("/*one*/", on: server)
            let isSecond = try await isRunning("/*two*/", on: server)
            return isFirst && isSecond
        }
        await server.kill()
        let lost = try await sleeping
        #expect(lost.code == .lost)
        #expect(lost.mayHaveRun && lost.isTransient)
        // It was never committed.
        let uncommitted = try await inTransaction
        #expect(uncommitted.code == .lost)
        #expect(!uncommitted.mayHaveRun)

        let refused = try await failure { try await client.perform { _ = try $0.query("SELECT 1") } }
        #expect(refused.code == .unavailable)
        #expect(!refused.mayHaveRun && refused.isTransient)
        try await server.start()
        try await eventually("it recovers by itself") { await answers(client) }
    }

    /// The answer to COMMIT is lost: nobody knows whether it ran.
    @Test func killedDuringTheCommit() async throws {
        let server = try await PrivatePostgres()
        let client = client(of: server)
        try await client.perform {
            try $0.script(
                """
                CREATE TABLE numbers (n int);
                CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER late AFTER INSERT ON numbers DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION dawdle()
                """)
        }
        async let committing = failure {
            try await client.transaction { _ = try $0.query("INSERT INTO numbers VALUES (1)") }
        }
        try await eventually("it commits") { try await isRunning("COMMIT", on: server) }
        await server.kill()
        let lost = try await committing
        #expect(lost.code == .lost)
        #expect(lost.mayHaveRun)
    }

    /// Connections that were idle meanwhile are replaced before anybody notices.
    @Test func restartedBetweenStatements() async throws {
        let server = try await PrivatePostgres()
        let client = client(of: server)
        #expect(await answers(client))
        await server.kill()
        try await server.start()
        #expect(try await client.perform { try $0.query("SELECT 1").count } == 1)
    }

    @Test func frozen() async throws {
        let server = try await PrivatePostgres()
        let client = client(of: server) {
            $0.statementTimeout = .milliseconds(200)
            $0.answerGrace = .milliseconds(100)
            $0.connectTimeout = .milliseconds(300)
        }
        try await eventually("it answers") { await answers(client) }
        server.freeze()
        let silent = try await failure { try await client.perform { _ = try $0.query("SELECT 1") } }
        #expect(silent.code == .timeout)
        #expect(silent.mayHaveRun && silent.isTransient)
        let unreachable = try await failure { try await client.perform { _ in } }
        #expect(unreachable.code == .unavailable)
        server.thaw()
        try await eventually("it recovers by itself") { await answers(client) }
    }

    /// A frozen server does not read, either: sending must end, too.
    @Test func frozenWhileMuchIsSent() async throws {
        let server = try await PrivatePostgres()
        let client = client(of: server) {
            $0.statementTimeout = .milliseconds(200)
            $0.answerGrace = .milliseconds(100)
        }
        try await eventually("it answers") { await answers(client) }
        server.freeze()
        let bytes = [UInt8](repeating: 0, count: 30_000_000)
        let error = try await failure {
            try await client.perform { session in
                _ = try session.pipeline([("SELECT length($1)", [.bytes(bytes)]), ("SELECT 1", [])])
            }
        }
        #expect(error.code == .timeout)
        server.thaw()
    }

    @Test func aServerThatIsNotThereYet() async throws {
        let server = try await PrivatePostgres()
        await server.kill()
        let client = client(of: server, connections: 2)
        let error = try await failure { try await client.perform { _ in } }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("Connection refused"))
        // Many callers are refused as soon as one is: none waits in the queue for a server that is away.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let error = try await failure { try await client.perform { _ in } }
                    #expect(error.code == .unavailable)
                }
            }
            try await group.waitForAll()
        }
        try await server.start()
        try await eventually("it connects by itself") { await answers(client) }
    }

    /// The server has no room for a second connection: the second caller waits for the first's.
    @Test func tooFewConnectionsOnTheServer() async throws {
        let client = try await freshClient(connections: 3)
        let name = client.configuration.database
        let server = PostgresClient(try await PrivatePostgres.shared().configuration, logger: .quiet)
        try await server.perform { session in
            try session.script(
                """
                CREATE ROLE "\(name)" LOGIN PASSWORD 'x' CONNECTION LIMIT 1;
                GRANT ALL ON DATABASE "\(name)" TO "\(name)"
                """)
        }
        var limited = client.configuration
        limited.user = name
        limited.password = "x"
        let narrow = PostgresClient(limited, connections: 3, logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await narrow.perform { _ in }
            for _ in 0..<20 { group.addTask { try await narrow.perform { _ = try $0.query("SELECT pg_sleep(0.01)") } } }
            try await group.waitForAll()
        }
    }

    @Test func theServerEndsOneConnection() async throws {
        let client = try await sharedClient(connections: 1)
        let error = try await failure {
            try await client.perform { _ = try $0.query("SELECT pg_terminate_backend(pg_backend_pid())") }
        }
        #expect(error.code == .lost)
        #expect(error.sqlState == "57P01")
        #expect(await answers(client))
    }
}
