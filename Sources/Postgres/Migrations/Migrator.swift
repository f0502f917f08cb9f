public import Logging

/// Brings a database to the shape that a program expects: forward only, each migration in a transaction of its own.
///
/// Any number of processes may start at once: one migrates, the others wait. What was applied is kept in the table
/// `schema_migrations`.
public struct Migrator: Sendable {
    private let migrations: [Migration]

    /// A number that nobody else should use for an advisory lock in the same database: "migrates" in ASCII.
    private static let lock: Int64 = 0x6d69_6772_6174_6573
    private static let wait = Duration.milliseconds(100)
    private static let waitsPerLine = 300

    /// - Throws: ``MigrationError`` `badList`, unless the numbers are 1, 2, 3 …
    public init(_ migrations: [Migration]) throws(MigrationError) {
        for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
            throw .badList("number \(index + 1) is expected where \(migration) stands")
        }
        self.migrations = migrations
    }

    /// Applies what is pending, and waits while another process does.
    ///
    /// - Returns: what was applied.
    /// - Throws: ``MigrationError``, ``PostgresError``.
    @discardableResult
    public func run(on client: PostgresClient, logger: Logger) async throws -> [Migration] {
        try await client.perform { try run(on: $0, logger: logger) }
    }

    /// How the database stands. Changes nothing.
    public func status(on client: PostgresClient) async throws -> MigrationStatus {
        try await client.perform { try status(on: $0) }
    }

    /// The same, on a connection that is not used for anything else after its body.
    @discardableResult
    public func run(on session: PostgresSession, logger: Logger) throws -> [Migration] {
        try session.liftTimeouts()
        try waitForLock(session, logger)
        // Whatever happens, the lock ends with the connection.
        try session.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number integer PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """)
        let status = try status(on: session)
        if let problem = status.problem { throw problem }
        for migration in status.pending {
            try apply(migration, session)
            logger.notice("Migrated", metadata: ["migration": "\(migration)"])
        }
        try session.query("SELECT pg_advisory_unlock($1)", [.int(Self.lock)])
        return status.pending
    }

    public func status(on session: PostgresSession) throws(PostgresError) -> MigrationStatus {
        let table = try session.query("SELECT to_regclass('schema_migrations') IS NOT NULL AS is_there").first
        guard try table?.bool("is_there") == true else { return MigrationStatus(known: migrations, applied: []) }
        let rows = try session.query("SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number")
        var applied: [AppliedMigration] = []
        for row in rows {
            applied.append(
                AppliedMigration(
                    number: Int(try row.int("number")), name: try row.text("name"),
                    checksum: try row.text("checksum"), appliedAt: try row.time("applied_at")))
        }
        return MigrationStatus(known: migrations, applied: applied)
    }

    /// Asks again and again: who waits inside the server holds up what waits for all transactions to end.
    private func waitForLock(_ session: PostgresSession, _ logger: Logger) throws(PostgresError) {
        var waits = 0
        while true {
            let row = try session.query("SELECT pg_try_advisory_lock($1) AS is_ours", [.int(Self.lock)]).first
            if try row?.bool("is_ours") == true { return }
            if waits % Self.waitsPerLine == 0 { logger.notice("Another process migrates the database: waiting for it") }
            waits += 1
            _ = try session.notification(within: Self.wait)
        }
    }

    private func apply(_ migration: Migration, _ session: PostgresSession) throws {
        do {
            try session.transaction {
                try session.script(migration.sql)
                guard session.isInTransaction else { throw MigrationError.endsTransaction(migration) }
                try session.query(
                    "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
                    [.int32(Int32(migration.number)), .text(migration.name), .text(migration.checksum)])
            }
        } catch let error as PostgresError where error.code == .refused {
            throw MigrationError.failed(migration, error)
        }
    }
}
