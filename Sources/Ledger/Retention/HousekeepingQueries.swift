import Postgres

/// The SQL of the ledger's housekeeping.
enum HousekeepingQueries {
    static let lock: PostgresQuery = "SELECT pg_try_advisory_lock(hashtext('posthaste housekeeping')) AS mine"
    static let unlock: PostgresQuery = "SELECT pg_advisory_unlock(hashtext('posthaste housekeeping'))"

    static let lockTimeout: PostgresQuery = "SET lock_timeout = '2s'"
    static let noLockTimeout: PostgresQuery = "RESET lock_timeout"

    static let ensureWeeks: PostgresQuery = "SELECT ensure_weeks($1)"

    static let oldest: PostgresQuery = "SELECT min(starts_at) AS starts_at FROM ledger_parts WHERE parent = 'messages'"

    static let state: PostgresQuery = "SELECT value FROM ledger_state WHERE name = $1"
    static let remember: PostgresQuery =
        "INSERT INTO ledger_state VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"

    /// In the order of ids, as everybody takes them.
    static let redact = PostgresQuery(
        """
        WITH due AS (
            SELECT id FROM messages
            WHERE id >= $1 AND id < $2 AND redacted_at IS NULL AND accepted_at IS NOT NULL
                AND (status >= 'canceled' OR direction = 'inbound')
            ORDER BY id
            LIMIT $3
            FOR UPDATE
        )
        UPDATE messages SET content = NULL, redacted_at = now()
        FROM due
        WHERE messages.id = due.id AND messages.id >= $1 AND messages.id < $2
        """)

    /// What ended before a moment: parts, and those that were detached and not dropped. A week in which a message is still
    /// to be sent stays.
    static let parts = PostgresQuery(
        """
        SELECT parent, part FROM (
            SELECT parent, part FROM ledger_parts AS old
            WHERE ends_at <= $1 AND NOT EXISTS (
                SELECT FROM messages
                WHERE status <= 'unknown' AND id >= first_id(old.starts_at) AND id < first_id(old.ends_at)
                    AND dropped_at IS NULL AND redacted_at IS NULL AND accepted_at IS NOT NULL
            )
            UNION ALL
            SELECT NULL, relname
            FROM pg_class
            WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
                AND relname ~ '^(messages|attempts|status_events)_\\d{4}_\\d{2}_\\d{2}$'
                AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = pg_class.oid)
                AND to_date(right(relname, 10), 'YYYY_MM_DD') + 7 <= (to_timestamp($1 / 1000) AT TIME ZONE 'UTC')::date
        ) AS old
        ORDER BY parent IS DISTINCT FROM 'messages', part
        """)

    static let conversations: PostgresQuery =
        """
        WITH old AS (SELECT id FROM conversations WHERE last_message < $1 ORDER BY id LIMIT $2 FOR UPDATE)
        DELETE FROM conversations USING old WHERE conversations.id = old.id
        """

    static let endpoints: PostgresQuery =
        """
        WITH old AS (SELECT url FROM webhook_endpoints WHERE last_message < $1 ORDER BY url LIMIT $2 FOR UPDATE)
        DELETE FROM webhook_endpoints USING old WHERE webhook_endpoints.url = old.url
        """

    static let rejected: PostgresQuery =
        "DELETE FROM rejected_events WHERE entry IN (SELECT entry FROM rejected_events WHERE at < $1 LIMIT $2)"

    /// Of messages that have ended: nobody has to enqueue them again.
    static let payloads: PostgresQuery =
        """
        DELETE FROM payloads WHERE message IN (
            SELECT message FROM payloads LEFT JOIN messages ON id = message
            WHERE id IS NULL OR status > 'unknown' OR dropped_at IS NOT NULL OR redacted_at IS NOT NULL
            LIMIT $1
        )
        """
}
