public import Logging
public import ServiceLifecycle

/// A pool of connections to one Postgres server, each on a thread of its own. They are made when they are needed.
///
/// While the server is known to be away callers are refused at once, with `unavailable`; one of them tries to connect
/// again after a short time, at first 0.1 s and at last 5 s.
public final class PostgresClient: Service, Sendable {
    public let configuration: PostgresConfiguration
    private let pool: Pool

    /// - Parameter connections: how many at most.
    public init(_ configuration: PostgresConfiguration, connections: Int = 4, logger: Logger) {
        self.configuration = configuration
        pool = Pool(configuration, connections: max(1, connections), logger: logger)
    }

    deinit { pool.close() }

    /// Serves until the task is cancelled or the service is shut down: then no more bodies are taken, and those that
    /// have begun end, at the latest when the server was to answer them.
    public func run() async {
        try? await gracefulShutdown()
        pool.close()
        // A task of its own: this one may be cancelled, and would not wait.
        await Task { [pool, configuration] in
            await pool.drained(within: configuration.silence)
            pool.cut()
            await pool.drained(within: .seconds(5))
        }.value
    }

    /// Runs a body on the thread of a free connection; waits for one, for the configuration's `poolTimeout` at most.
    ///
    /// Blocking calls are right there. A cancelled task leaves off waiting; a body that has begun ends by itself. A
    /// transaction that it leaves open is rolled back; settings and locks of the session it has to undo itself.
    ///
    /// - Throws: what the body throws; ``PostgresError`` `unavailable`, `busy` or `cancelled`, when it did not begin.
    public func perform<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        let order = Order(body)
        return try await withTaskCancellationHandler {
            guard pool.submit(order) else { return try await order.value }
            async let _ = order.expire(after: configuration.poolTimeout)
            return try await order.value
        } onCancel: {
            order.giveUp(PostgresError(.cancelled, "the task was cancelled"))
        }
    }

    /// The same in one transaction, which is committed when the body returns and rolled back when it throws.
    public func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await perform { session in try session.transaction { try body(session) } }
    }
}
