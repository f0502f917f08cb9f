import Foundation
import Logging
import Postgres
import TestSupport
import Testing

@Suite struct LoginTests {
    @Test func aWrongPasswordIsNotRepeated() async throws {
        let lines = Locked<[String]>([])
        let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
        let client = try await sharedClient(connections: 1, logger: logger) { $0.password = "wrong-secret" }
        let error = try await failure { try await client.perform { _ in } }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("password authentication failed"))
        #expect(!"\(error) \(lines.value)".contains("secret"))
        #expect(!lines.value.isEmpty)
    }

    @Test func bySocket() async throws {
        let server = try await PrivatePostgres.shared()
        let client = try await sharedClient { $0.host = server.directory.path }
        let isLocal = try await client.perform { try $0.query("SELECT inet_client_addr() IS NULL AS v")[0].bool("v") }
        #expect(isLocal)
    }

    @Test func anUnknownDatabaseIsNamed() async throws {
        let client = try await sharedClient { $0.database = "no \"such' database \\" }
        let error = try await failure { try await client.perform { _ in } }
        #expect(error.message.contains("no \"such' database \\"))
    }

    @Test func byURL() async throws {
        let server = try await PrivatePostgres.shared()
        let database = try await server.freshDatabase()
        let client = PostgresClient(try PostgresConfiguration(url: server.url(database)), logger: .quiet)
        let name = try await client.perform { try $0.query("SELECT current_database() AS v")[0].text("v") }
        #expect(name == database.database)
    }
}

/// Keeps all that is logged, with its metadata.
private struct Recorder: LogHandler {
    let lines: Locked<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.update { $0.append("\(event.message) \(event.metadata ?? [:])") } }
}
