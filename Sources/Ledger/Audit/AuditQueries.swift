import JobRuntime
import Messaging
import Postgres

/// What an audit asks of the ledger.
enum AuditQueries {
    /// On which something is still to be done.
    static let openStatuses = ["pending", "sending", "retrying", "unknown"]

    static let counts: PostgresQuery = """
        SELECT status, count(*) AS messages FROM messages
        WHERE direction = 'outbound' AND accepted_at IS NOT NULL
            AND (status > 'unknown' OR status = 'unknown' AND dropped_at IS NOT NULL OR redacted_at IS NOT NULL)
        GROUP BY status
        """

    static let open: PostgresQuery = """
        SELECT id, channel, status, accepted_at > now() - interval '30 s' AS is_young FROM messages
        WHERE status = ANY ($1::text[]::message_status[]) AND accepted_at IS NOT NULL AND redacted_at IS NULL
            AND (status <> 'unknown' OR dropped_at IS NULL)
        """

    static let rejected: PostgresQuery = "SELECT count(*) AS events FROM rejected_events"

    static let suppressed: PostgresQuery = """
        SELECT kind, address, reason, said_at, entry FROM suppressions WHERE is_suppressed AND (kind, address) > ($1, $2)
        ORDER BY kind, address LIMIT 500
        """

    static let known = PostgresQuery(
        "SELECT id FROM messages WHERE id = ANY ($1) AND accepted_at IS NOT NULL", isPrepared: true)

    static let stillSuppressed = PostgresQuery(
        "SELECT FROM suppressions WHERE kind = $1 AND address = $2 AND entry = $3 AND is_suppressed", isPrepared: true)

    /// With whether an event of it was set aside: then the row lacks what that says.
    static let stillOpen = PostgresQuery(
        """
        SELECT id, EXISTS (SELECT FROM rejected_events WHERE message = id) AS lacks_events FROM messages
        WHERE id = ANY ($1) AND status <= 'unknown' AND (status <> 'unknown' OR dropped_at IS NULL)
            AND redacted_at IS NULL
        """, isPrepared: true)

    static let oldest: PostgresQuery = "SELECT min(starts_at) AS starts_at FROM ledger_parts WHERE parent = 'messages'"

    static let contents = PostgresQuery(
        """
        SELECT id, channel, coalesce(whole.payload, content)::text AS payload, whole.payload IS NOT NULL AS is_whole,
            attempts, accepted_at, priority, scheduled_at
        FROM messages LEFT JOIN payloads AS whole ON whole.message = id
        WHERE id = ANY ($1) AND redacted_at IS NULL AND status <= 'unknown'
        """, isPrepared: true)
}

/// A message that is open by the ledger.
struct OpenMessage: Sendable {
    var id: JobID
    var channel: Messaging.Channel
    var status: String
    /// Accepted a moment ago: it may be on its way into its queue.
    var isYoung: Bool

    var queue: String { channel.queueName }

    init(_ row: PostgresRow) throws {
        id = JobID(try row.uuid("id"))
        channel = try Messaging.Channel(row)
        status = try row.text("status")
        isYoung = try row.bool("is_young")
    }
}

extension Messaging.Channel {
    init(_ row: PostgresRow) throws {
        let name = try row.text("channel")
        guard let channel = Messaging.Channel(rawValue: name) else {
            throw PostgresError(.unexpectedResult, "there is no channel \(name)")
        }
        self = channel
    }
}
