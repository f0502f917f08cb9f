import JobRuntime
import Postgres

/// How a message that was recorded and then refused is taken out of the ledger.
enum JournalQueries {
    /// Fails where nothing can be written: on a standby, without tables.
    static func probe(_ session: PostgresSession) throws {
        try session.query(PostgresQuery("SELECT FROM messages LIMIT 0 FOR UPDATE", isPrepared: true), [])
    }

    /// In a transaction. Rows are taken in the order in which everybody takes them.
    static func withdraw(_ jobs: [JobID], _ session: PostgresSession) throws {
        let ids = jobs.sorted { $0.precedes($1) }.map { PostgresUUID($0) }
        let withdrawn = try session.query(messages, [.uuids(ids)])
        guard !withdrawn.isEmpty else { return }
        let gone = PostgresValue.uuids(try withdrawn.map { try $0.uuid("id") })
        let theirs = PostgresValue.uuids(try withdrawn.map { try $0.uuid("conversation") })
        // What others write meanwhile is seen only by a statement that begins after these rows are ours.
        try session.query(lockConversations, [theirs])
        try session.query(emptyConversations, [theirs])
        try session.query(conversations, [theirs, gone])
        try session.query(endpoints, [gone])
    }

    /// Only while nothing is known of a message but that it was recorded once: an event of it, or a second record, brings
    /// another time of its own.
    private static let messages = PostgresQuery(
        """
        WITH withdrawn AS (
            SELECT id FROM messages
            WHERE id = ANY ($1) AND status = 'pending' AND attempts = 0 AND latest IS NULL AND redriven IS NULL
                AND dropped_at IS NULL AND accepted_at = updated_at
            ORDER BY id
            FOR UPDATE
        )
        DELETE FROM messages USING withdrawn
        WHERE messages.id = withdrawn.id
            AND NOT EXISTS (SELECT FROM status_events AS event WHERE event.message = withdrawn.id)
        RETURNING messages.id, messages.conversation
        """, isPrepared: true)

    private static let lockConversations = PostgresQuery(
        "SELECT FROM conversations WHERE id = ANY ($1) ORDER BY id FOR UPDATE", isPrepared: true)

    private static let emptyConversations = PostgresQuery(
        """
        DELETE FROM conversations AS old
        WHERE id = ANY ($1) AND NOT EXISTS (SELECT FROM messages WHERE conversation = old.id)
        """, isPrepared: true)

    private static let conversations = PostgresQuery(
        """
        UPDATE conversations AS old SET
            first_message = (SELECT id FROM messages WHERE conversation = old.id ORDER BY id LIMIT 1),
            last_message = (SELECT id FROM messages WHERE conversation = old.id ORDER BY id DESC LIMIT 1)
        WHERE id = ANY ($1) AND (first_message = ANY ($2) OR last_message = ANY ($2))
        """, isPrepared: true)

    /// One that nothing else has gone to.
    private static let endpoints = PostgresQuery(
        """
        WITH unused AS (
            SELECT url FROM webhook_endpoints
            WHERE first_message = ANY ($1) AND last_message = first_message AND last_succeeded_at IS NULL
                AND last_failed_at IS NULL
            ORDER BY url
            FOR UPDATE
        )
        DELETE FROM webhook_endpoints USING unused WHERE webhook_endpoints.url = unused.url
        """, isPrepared: true)
}
