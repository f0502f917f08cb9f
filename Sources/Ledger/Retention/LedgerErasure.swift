public import JobRuntime
public import Postgres

/// Takes an address out of the ledger, with the texts of all messages to and from it. What happened when, and how many
/// messages there were, stays.
///
/// Events that come later bring neither back: a row keeps the addresses that it has, a redacted one gets no text, and a
/// message that was erased is in no conversation. Only of a message that the ledger does not know yet everything would
/// come; so it is to be asked for again when the events are read that wait.
public struct LedgerErasure: Sendable {
    private let postgres: PostgresClient

    /// What stands in place of an address.
    public static let word = "erased"
    private static let batch = 1000

    public init(postgres: PostgresClient) { self.postgres = postgres }

    /// What was erased.
    public struct Tally: Sendable, Equatable {
        public var messages = 0
        public var conversations = 0
        public var endpoints = 0
        public var rejectedEvents = 0
        public var suppressions = 0

        public init() {}
    }

    /// The messages to or from an address, written just so, in the order of their ids.
    public func messages(of address: String) async throws -> [JobID] {
        try await postgres.perform { session in
            try session.query(ErasureQueries.find, [.text(address)]).map { row in
                let id = try row.uuid("id")
                return JobID(high: id.high, low: id.low)
            }
        }
    }

    /// - Parameters:
    ///   - messages: of this address.
    ///   - suppression: whether the ledger's copy of the suppression list is to forget it, too.
    public func erase(_ address: String, _ messages: [JobID], suppression: Bool = false) async throws -> Tally {
        var tally = Tally()
        let ids = messages.sorted { $0.precedes($1) }.map { PostgresUUID($0) }
        for start in stride(from: 0, to: ids.count, by: Self.batch) {
            let page = PostgresValue.uuids(Array(ids[start..<min(start + Self.batch, ids.count)]))
            tally.messages += try await postgres.transaction { session in
                let parameters = [PostgresValue.text(address), page]
                try session.query(ErasureQueries.attempts, parameters)
                try session.query(ErasureQueries.statusEvents, parameters)
                let count = try session.query(ErasureQueries.messages, parameters).affected
                try session.query(ErasureQueries.payloads, [page])
                return count
            }
        }
        let found = tally
        return try await postgres.transaction { session in
            var tally = found
            try session.query(ErasureQueries.lockConversations, [.text(address)])
            tally.conversations = try session.query(ErasureQueries.conversations, [.text(address)]).affected
            tally.endpoints = try session.query(ErasureQueries.endpoints, [.text(address)]).affected
            tally.rejectedEvents = try session.query(ErasureQueries.rejected, [.text(address)]).affected
            try session.query(ErasureQueries.permissions, [.text(address)])
            if suppression {
                tally.suppressions = try session.query(ErasureQueries.suppressions, [.text(address)]).affected
            }
            return tally
        }
    }
}

private enum ErasureQueries {
    /// Those to and from it, and the webhooks by which customers were told of these.
    static let find: PostgresQuery =
        """
        SELECT id FROM messages WHERE recipient = $1
        UNION SELECT id FROM messages WHERE sender = $1
        UNION SELECT id FROM messages WHERE sender = 'posthaste' AND channel = 'webhook' AND strpos(content::text, $1) > 0
        ORDER BY id
        """

    /// Providers like to say which address they could not reach.
    static let attempts: PostgresQuery =
        """
        UPDATE attempts SET error = NULL, reason = NULL, result = NULL
        WHERE message = ANY ($2) AND strpos(concat_ws(' ', error, reason, result::text), $1) > 0
        """

    static let statusEvents: PostgresQuery =
        """
        UPDATE status_events SET error = NULL, reason = NULL, detail = NULL
        WHERE message = ANY ($2) AND strpos(concat_ws(' ', error, reason, detail::text), $1) > 0
        """

    /// A conversation's id follows from its addresses, and would tell who they were to whoever guesses them.
    static let messages: PostgresQuery =
        """
        WITH mine AS (SELECT id FROM messages WHERE id = ANY ($2) ORDER BY id FOR UPDATE)
        UPDATE messages SET content = NULL, redacted_at = coalesce(redacted_at, now()),
            sender = CASE WHEN sender = $1 THEN 'erased' ELSE sender END,
            recipient = CASE WHEN recipient = $1 THEN 'erased' ELSE recipient END,
            conversation = gen_random_uuid(), error = NULL, reason = NULL, result = NULL
        FROM mine
        WHERE messages.id = mine.id
        """

    static let payloads: PostgresQuery = "DELETE FROM payloads WHERE message = ANY ($1)"

    static let lockConversations: PostgresQuery =
        "SELECT FROM conversations WHERE low = $1 OR high = $1 ORDER BY id FOR UPDATE"

    static let conversations: PostgresQuery =
        """
        DELETE FROM conversations AS old
        WHERE (low = $1 OR high = $1) AND NOT EXISTS (SELECT FROM messages WHERE conversation = old.id)
        """

    static let endpoints: PostgresQuery =
        """
        DELETE FROM webhook_endpoints WHERE url = $1 AND NOT EXISTS (SELECT FROM messages WHERE recipient = $1)
        """

    static let rejected: PostgresQuery = "DELETE FROM rejected_events WHERE strpos(fields::text, $1) > 0"

    static let suppressions: PostgresQuery = "DELETE FROM suppressions WHERE address = $1"
    /// Nobody needs to know of it that it may be written to.
    static let permissions: PostgresQuery = "DELETE FROM suppressions WHERE address = $1 AND NOT is_suppressed"
}
