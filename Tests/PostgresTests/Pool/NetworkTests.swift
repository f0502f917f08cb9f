import Postgres
import TestSupport
import Testing

/// The server is there, and the way to it fails.
@Suite struct NetworkTests {
    @Test func theAnswerToACommitIsSwallowed() async throws {
        let server = try await PrivatePostgres.shared()
        let database = try await freshClient()
        try await database.perform { try $0.script("CREATE TABLE numbers (n int)") }
        let proxy = try await TCPProxy(to: server.port)
        var configuration = database.configuration
        configuration.port = proxy.port
        configuration.statementTimeout = .milliseconds(500)
        configuration.answerGrace = .milliseconds(500)
        let client = PostgresClient(configuration, connections: 1, logger: .quiet)
        try await eventually("it answers") { (try? await client.perform { _ in }) != nil }
        let holder = Holder()
        async let unknown = failure {
            try await client.transaction { session in
                try session.query("INSERT INTO numbers VALUES (1)")
                holder.hold()
            }
        }
        try await eventually("the row is in") { holder.isHeld }
        await proxy.stall([.fromServer])
        holder.release()
        let error = try await unknown
        #expect(error.code == .timeout)
        #expect(error.mayHaveRun && error.isTransient)
        // It did run.
        #expect(try await database.perform { try $0.query("SELECT FROM numbers").count } == 1)
        await proxy.resume()
        try await eventually("it recovers by itself") { (try? await client.perform { _ in }) != nil }
    }

    @Test func theConnectionIsCutInTheMiddleOfAPipeline() async throws {
        let (proxy, configuration) = try await PrivatePostgres.shared().proxied()
        let client = PostgresClient(configuration, connections: 1, logger: .quiet)
        try await eventually("it answers") { (try? await client.perform { _ in }) != nil }
        let holder = Holder()
        async let lost = failure {
            try await client.perform { session in
                holder.hold()
                return try session.pipeline([("SELECT 1", []), ("SELECT pg_sleep(60)", [])]).count
            }
        }
        try await eventually("it is about to") { holder.isHeld }
        await proxy.refuse()
        await proxy.cut()
        holder.release()
        #expect(try await lost.code == .lost)
        let refused = try await failure { try await client.perform { _ in } }
        #expect(refused.code == .unavailable)
        try await proxy.accept()
        try await eventually("it recovers by itself") { (try? await client.perform { _ in }) != nil }
    }

    /// A way that swallows everything, from the first packet: connecting is bounded.
    @Test func nothingComesBack() async throws {
        let (proxy, proxied) = try await PrivatePostgres.shared().proxied()
        await proxy.stall()
        var configuration = proxied
        configuration.connectTimeout = .milliseconds(200)
        let client = PostgresClient(configuration, connections: 1, logger: .quiet)
        let error = try await failure { try await client.perform { _ in } }
        #expect(error.code == .unavailable)
        #expect(error.message == "connecting took longer than 0.2 seconds")
        #expect(!error.mayHaveRun)
    }

    /// A client that is stopped does not wait for a server that is silent for longer than it may be.
    @Test func stoppingCutsWhatDoesNotEnd() async throws {
        let (proxy, proxied) = try await PrivatePostgres.shared().proxied()
        var configuration = proxied
        configuration.statementTimeout = .milliseconds(300)
        let client = PostgresClient(configuration, connections: 1, logger: .quiet)
        let holder = Holder()
        async let lost = failure {
            try await client.perform { session in
                try session.liftTimeouts()
                holder.hold()
                _ = try session.query("SELECT pg_sleep(600)")
            }
        }
        try await eventually("it is about to") { holder.isHeld }
        await proxy.stall()
        let running = Task { await client.run() }
        holder.release()
        running.cancel()
        await running.value
        #expect(try await lost.message == "the client was stopped")
    }
}
