import Logging
import Postgres
import TestSupport

/// A client of an empty database on the server that tests share.
func freshClient(connections: Int = 4) async throws -> PostgresClient {
    let database = try await PrivatePostgres.shared().freshDatabase()
    return PostgresClient(database, connections: connections, logger: .quiet)
}

/// A client of the database that tests share which leave nothing in it.
func sharedClient(
    connections: Int = 4, logger: Logger = .quiet, _ change: (inout PostgresConfiguration) -> Void = { _ in }
) async throws -> PostgresClient {
    var configuration = try await PrivatePostgres.shared().configuration
    change(&configuration)
    return PostgresClient(configuration, connections: connections, logger: logger)
}

/// The error of a call that must fail with one.
func failure<Value>(_ call: () async throws -> Value) async throws -> PostgresError {
    do {
        _ = try await call()
    } catch let error as PostgresError {
        return error
    }
    throw Unexpected.success
}

enum Unexpected: Error { case success }
