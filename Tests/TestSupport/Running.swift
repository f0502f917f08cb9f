public import JobRuntime
public import Logging
public import Redis

extension Logger {
    /// Says nothing: what a test expects it asserts.
    public static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// Runs a body beside a Redis client that is kept connected.
@discardableResult
public func withClient<Result: Sendable>(
    _ configuration: RedisConfiguration, _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    let client = RedisClient(configuration, logger: .quiet)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        return try await body(client)
    }
}

/// A key prefix that no other test has.
public func freshKeys() -> KeySpace {
    KeySpace(prefix: "test-\(UInt64.random(in: .min ... .max)):")
}
