import Postgres

/// What a batch writes. The parameters are columns, in the order of their table's rows in ``LedgerBatch``.
enum LedgerQueries {
    /// What is committed is acknowledged, or answered for: a server that forgets its last transactions will not do.
    static let durable = PostgresQuery(
        """
        SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'
        """, isPrepared: true)

    static let attempts = PostgresQuery(
        """
        INSERT INTO attempts (
            message, entry, attempt, deliveries, outcome, status, worker, ended_at, elapsed_ms, next_attempt_at, reason,
            error, result
        )
        SELECT a, b, c, d, e::attempt_outcome, f::message_status, g, h, i, j, k, l, m
        FROM unnest(
            $1::uuid[], $2::bigint[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[],
            $8::timestamptz[], $9::bigint[], $10::timestamptz[], $11::text[], $12::text[], $13::json[]
        ) AS rows (a, b, c, d, e, f, g, h, i, j, k, l, m)
        ON CONFLICT DO NOTHING
        """, isPrepared: true)

    static let statusEvents = PostgresQuery(
        """
        INSERT INTO status_events (message, entry, at, type, status, reason, error, detail, token)
        SELECT a, b, c, d, e::message_status, f, g, h, i
        FROM unnest(
            $1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::json[],
            $9::text[]
        ) AS rows (a, b, c, d, e, f, g, h, i)
        ON CONFLICT DO NOTHING
        """, isPrepared: true)

    /// A message that was put back into its queue is summed up anew from its attempts and events, which are written
    /// before it; all others from what their row says and what is new. An event that comes again writes no words again:
    /// they may have been erased.
    static let messages = PostgresQuery(
        """
        INSERT INTO messages AS old (
            id, direction, channel, status, accepted_at, sender, recipient, conversation, content, priority, scheduled_at,
            tenant, attempts, sent_at, latest, reason, error, result, next_attempt_at, redriven, dropped_at, updated_at
        )
        SELECT a, b::direction, c::channel, d::message_status, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v
        FROM unnest(
            $1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::uuid[],
            $9::json[], $10::text[], $11::timestamptz[], $12::text[], $13::integer[], $14::timestamptz[], $15::bigint[],
            $16::text[], $17::text[], $18::json[], $19::timestamptz[], $20::bigint[], $21::timestamptz[],
            $22::timestamptz[]
        ) AS rows (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v)
        ON CONFLICT (id) DO UPDATE SET
            direction = greatest(old.direction, excluded.direction),
            channel = coalesce(old.channel, excluded.channel),
            status = CASE
                WHEN old.redriven IS NULL AND excluded.redriven IS NULL THEN greatest(old.status, excluded.status)
                ELSE status_since(old.id, greatest(old.redriven, excluded.redriven))
            END,
            accepted_at = least(old.accepted_at, excluded.accepted_at),
            sender = coalesce(old.sender, excluded.sender),
            recipient = coalesce(old.recipient, excluded.recipient),
            conversation = coalesce(old.conversation, excluded.conversation),
            content = CASE WHEN old.redacted_at IS NULL THEN coalesce(old.content, excluded.content) END,
            priority = coalesce(old.priority, excluded.priority),
            scheduled_at = coalesce(old.scheduled_at, excluded.scheduled_at),
            tenant = coalesce(old.tenant, excluded.tenant),
            attempts = CASE
                WHEN old.redriven IS NULL AND excluded.redriven IS NULL
                THEN greatest(old.attempts, excluded.attempts)
                ELSE attempts_since(old.id, greatest(old.redriven, excluded.redriven))
            END,
            sent_at = least(old.sent_at, excluded.sent_at),
            latest = greatest(old.latest, excluded.latest),
            reason = CASE WHEN excluded.latest > coalesce(old.latest, 0) THEN excluded.reason ELSE old.reason END,
            error = CASE WHEN excluded.latest > coalesce(old.latest, 0) THEN excluded.error ELSE old.error END,
            result = CASE WHEN excluded.latest > coalesce(old.latest, 0) THEN excluded.result ELSE old.result END,
            next_attempt_at = CASE
                WHEN excluded.latest > coalesce(old.latest, 0) THEN excluded.next_attempt_at
                ELSE old.next_attempt_at
            END,
            redriven = greatest(old.redriven, excluded.redriven),
            dropped_at = least(old.dropped_at, excluded.dropped_at),
            updated_at = greatest(old.updated_at, excluded.updated_at)
        """, isPrepared: true)

    /// Not of a message that was done before its acceptance came, and not of one that was redacted.
    static let payloads = PostgresQuery(
        """
        INSERT INTO payloads (message, payload)
        SELECT a, b FROM unnest($1::uuid[], $2::json[]) AS rows (a, b) JOIN messages AS m ON m.id = a
        WHERE m.status <= 'unknown' AND m.redacted_at IS NULL
        ORDER BY a
        ON CONFLICT DO NOTHING
        """, isPrepared: true)

    /// Of messages whose rows, which are written before, say so: one that was erased is in no conversation any more.
    static let conversations = PostgresQuery(
        """
        INSERT INTO conversations AS old (id, channel, low, high, first_message, last_message, tenant)
        SELECT a, b::channel, c, d, e, f, g
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[])
            AS rows (a, b, c, d, e, f, g)
        WHERE EXISTS (SELECT FROM messages WHERE messages.id IN (e, f) AND conversation = a)
        ON CONFLICT (id) DO UPDATE SET
            first_message = least(old.first_message, excluded.first_message),
            last_message = greatest(old.last_message, excluded.last_message)
        WHERE excluded.first_message < old.first_message OR excluded.last_message > old.last_message
        """, isPrepared: true)

    /// Summed up from the rows of the messages and attempts, which are written before: an attempt may come before it is
    /// known where its message was to go.
    static let endpoints = PostgresQuery(
        """
        INSERT INTO webhook_endpoints AS old (
            url, first_message, last_message, last_succeeded_at, last_failed_at, last_failure, last_error
        )
        SELECT m.recipient, (array_agg(m.id ORDER BY m.id))[1], (array_agg(m.id ORDER BY m.id DESC))[1],
            max(a.ended_at) FILTER (WHERE a.status = 'sent'), max(a.ended_at) FILTER (WHERE a.error IS NOT NULL),
            max(a.entry) FILTER (WHERE a.error IS NOT NULL),
            (array_agg(a.error ORDER BY a.entry DESC) FILTER (WHERE a.error IS NOT NULL))[1]
        FROM messages AS m LEFT JOIN attempts AS a ON a.message = m.id
        WHERE m.id = ANY ($1) AND m.accepted_at IS NOT NULL AND m.redacted_at IS NULL
        GROUP BY m.recipient
        ORDER BY m.recipient
        ON CONFLICT (url) DO UPDATE SET
            first_message = least(old.first_message, excluded.first_message),
            last_message = greatest(old.last_message, excluded.last_message),
            last_succeeded_at = greatest(old.last_succeeded_at, excluded.last_succeeded_at),
            last_failed_at = greatest(old.last_failed_at, excluded.last_failed_at),
            last_failure = greatest(old.last_failure, excluded.last_failure),
            last_error = CASE
                WHEN excluded.last_failure >= coalesce(old.last_failure, 0) THEN excluded.last_error
                ELSE old.last_error
            END
        """, isPrepared: true)

    static let suppressions = PostgresQuery(
        """
        INSERT INTO suppressions AS old (kind, address, is_suppressed, reason, said_at, entry)
        SELECT a, b, c IS NOT NULL, c, d, e
        FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[]) AS rows (a, b, c, d, e)
        ON CONFLICT (kind, address) DO UPDATE SET
            is_suppressed = excluded.is_suppressed, reason = excluded.reason, said_at = excluded.said_at,
            entry = excluded.entry
        WHERE excluded.entry > old.entry
        """, isPrepared: true)

    static let rejected = PostgresQuery(
        """
        INSERT INTO rejected_events (entry, message, reason, sql_state, fields)
        SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::json[])
        ON CONFLICT DO NOTHING
        """, isPrepared: true)
}
