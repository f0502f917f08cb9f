import JobRuntime
import Ledger
public import Logging
public import Postgres

/// Asks the ledger's Postgres for its ``PostgresFacts``, and what time it is there. It writes nothing.
public struct PostgresExamination: Sendable {
    public let facts: PostgresFacts
    public let clock: ClockReading

    private static let question = PostgresQuery(
        """
        SELECT current_setting('server_version_num')::int8 AS version,
            current_setting('synchronous_commit') AS commit, current_setting('fsync') = 'on' AS fsync,
            current_setting('full_page_writes') = 'on' AS pages,
            pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS readonly,
            current_setting('max_connections')::int8 AS most,
            (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used
        """)

    /// - Throws: ``PostgresError``, or what keeps the program's own migrations from being read.
    public init(_ configuration: PostgresConfiguration, logger: Logger) async throws {
        var configuration = configuration
        configuration.statementTimeout = .seconds(10)
        let postgres = PostgresClient(configuration, connections: 1, logger: logger)
        let migrations = try await Migrator(LedgerMigrations.all).status(on: postgres)
        var facts = try await postgres.perform { session in
            guard let row = try session.query(Self.question).first else { return PostgresFacts() }
            var facts = PostgresFacts()
            facts.version = try row.int("version")
            facts.synchronousCommit = try row.text("commit")
            (facts.fsync, facts.fullPageWrites) = (try row.bool("fsync"), try row.bool("pages"))
            facts.isReadOnly = try row.bool("readonly")
            (facts.mostConnections, facts.connections) = (try row.int("most"), try row.int("used"))
            return facts
        }
        facts.pending = migrations.pending.map { "\($0)" }
        facts.problem = migrations.problem.map { "\($0)" }
        self.facts = facts
        clock = try await postgres.perform { session in
            let before = Int64.unixMilliseconds
            let now = try session.query(PostgresQuery("SELECT clock_timestamp() AS now")).first?.time("now") ?? before
            return ClockReading(before: before, theirs: now, after: .unixMilliseconds)
        }
    }
}
