public import JobRuntime
public import Postgres

/// The SQL of the outbox, which is in the database of an application.
enum OutboxQueries {
    static let channel = "posthaste_outbox"

    /// Takes the first rows that nobody has, or that somebody has had for too long; of long messages fewer, about 8 MB. The
    /// claim is to be committed before anything is enqueued.
    static let claim = PostgresQuery(
        """
        WITH first AS (
            SELECT id, pg_column_size(message) AS bytes FROM posthaste_outbox
            WHERE error IS NULL AND (claimed_at IS NULL OR claimed_at < now() - make_interval(secs => $2))
            ORDER BY id
            LIMIT $1
        ), summed AS (
            SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM first
        ), due AS (
            SELECT id, claimed_at AS before FROM posthaste_outbox
            WHERE id IN (SELECT id FROM summed WHERE before < 8388608)
                AND error IS NULL AND (claimed_at IS NULL OR claimed_at < now() - make_interval(secs => $2))
            ORDER BY id
            FOR UPDATE SKIP LOCKED
        )
        UPDATE posthaste_outbox AS mine SET claimed_at = now()
        FROM due
        WHERE mine.id = due.id
        RETURNING mine.id, mine.message::text AS message, due.before IS NOT NULL AS was_claimed
        """, isPrepared: true)

    static let delete = PostgresQuery("DELETE FROM posthaste_outbox WHERE id = ANY ($1)", isPrepared: true)

    static let refuse = PostgresQuery(
        """
        UPDATE posthaste_outbox AS mine SET error = faults.error, claimed_at = NULL
        FROM unnest($1::uuid[], $2::text[]) AS faults (id, error)
        WHERE mine.id = faults.id
        """, isPrepared: true)

    /// Gives rows back, to be taken again in `$2` seconds: not at once, so that what cannot be enqueued does not stand
    /// before what can.
    static let release = PostgresQuery(
        """
        UPDATE posthaste_outbox SET claimed_at = now() - make_interval(secs => $2)
        WHERE id = ANY ($1) AND error IS NULL
        """, isPrepared: true)
}

/// The SQL that makes an outbox.
public enum Outbox {
    public static let sql = String(decoding: PackageResources.outbox_sql, as: UTF8.self)
}

extension Outbox {
    /// Whether the ledger knows that a message has got beyond waiting; what only waits may have been lost from its queue.
    public static func isKnown(_ id: JobID, in postgres: PostgresClient) async throws -> Bool {
        try await postgres.perform { session in
            try session.query(progress, [.uuid(PostgresUUID(id))]).count > 0
        }
    }

    private static let progress = PostgresQuery(
        "SELECT FROM messages WHERE id = $1 AND (status <> 'pending' OR attempts > 0 OR latest IS NOT NULL)",
        isPrepared: true)
}
