import JobRuntime
import Messaging
import Postgres

/// What the ledger is asked for by an id, the columns of what it answers, and how they are read.
enum LedgerReads {
    static let messageColumns = """
        m.id, m.channel, m.status, m.accepted_at, m.sender, m.recipient, m.conversation, m.content, m.priority, \
        m.scheduled_at, m.attempts, m.sent_at, m.reason, m.error, m.result, m.next_attempt_at, m.dropped_at, \
        m.redacted_at, m.updated_at, m.tenant
        """

    static let message = PostgresQuery(
        "SELECT \(messageColumns) FROM messages AS m WHERE m.id = $1", isPrepared: true)

    static let timeline = PostgresQuery(
        """
        SELECT entry, ended_at AS at, outcome::text AS type, status, attempt, deliveries, worker, elapsed_ms,
            next_attempt_at, reason, error, result AS detail, NULL::text AS token
        FROM attempts WHERE message = $1
        UNION ALL
        SELECT entry, at, type, status, NULL, NULL, NULL, NULL, NULL, reason, error, detail, token
        FROM status_events WHERE message = $1
        ORDER BY entry
        """, isPrepared: true)

    static let conversationColumns = "id, channel, low, high, first_message, last_message, tenant"

    static let conversation = PostgresQuery(
        "SELECT \(conversationColumns) FROM conversations WHERE id = $1", isPrepared: true)

    /// How many messages there are of each status, by the index of status and channel, or that of the tenant's, alone. It
    /// does not know which were accepted: one of which only later events have come, and whose tenant is not known, counts
    /// as everybody's, while that is so.
    static func counts(
        of tenant: String?, _ channels: [Channel], _ range: IDRange
    ) -> (PostgresQuery, [PostgresValue]) {
        let isTheirs = tenant == nil ? "" : " AND m.tenant = $3"
        let sql = """
            SELECT s.status, sum(m.count)::bigint AS count
            FROM unnest(\(MessageList.array(LedgerStatus.allCases))) AS s (status)
                CROSS JOIN unnest(\(MessageList.array(channels))) AS c (channel)
                CROSS JOIN LATERAL (
                    SELECT count(*) AS count FROM messages AS m
                    WHERE m.status = s.status AND m.channel = c.channel AND m.id >= $1 AND m.id < $2\(isTheirs)
                ) AS m
            GROUP BY s.status
            """
        return (PostgresQuery(sql), [.uuid(range.low), .uuid(range.high)] + (tenant.map { [.text($0)] } ?? []))
    }
}

extension PostgresRow {
    func message() throws(PostgresError) -> LedgerMessage {
        var message = LedgerMessage(
            id: JobID(try uuid("id")), channel: try wordIfAny("channel"),
            status: try present(wordIfAny("status"), "status"),
            acceptedAt: try timeIfAny("accepted_at"))
        message.sender = try textIfAny("sender")
        message.recipient = try textIfAny("recipient")
        message.conversation = try uuidIfAny("conversation").map(ConversationID.init)
        message.content = try jsonIfAny("content")
        message.priority = try wordIfAny("priority")
        message.scheduledAt = try timeIfAny("scheduled_at")
        message.attempts = Int(try int("attempts"))
        message.sentAt = try timeIfAny("sent_at")
        message.reason = try textIfAny("reason")
        message.error = try textIfAny("error")
        message.result = try jsonIfAny("result")
        message.nextAttemptAt = try timeIfAny("next_attempt_at")
        message.droppedAt = try timeIfAny("dropped_at")
        message.redactedAt = try timeIfAny("redacted_at")
        message.updatedAt = try time("updated_at")
        message.tenant = try textIfAny("tenant")
        return message
    }

    func news() throws(PostgresError) -> LedgerNews {
        var news = LedgerNews(
            place: try int("entry"), at: try time("at"), type: try text("type"), status: try wordIfAny("status"))
        if let number = try intIfAny("attempt") {
            news.attempt = LedgerNews.Attempt(
                number: Int(number), deliveries: Int(try int("deliveries")), worker: try textIfAny("worker"),
                elapsed: try intIfAny("elapsed_ms"), nextAttemptAt: try timeIfAny("next_attempt_at"))
        }
        news.reason = try textIfAny("reason")
        news.error = try textIfAny("error")
        news.detail = try jsonIfAny("detail")
        news.token = try textIfAny("token")
        return news
    }

    func conversation() throws(PostgresError) -> LedgerConversation {
        LedgerConversation(
            id: ConversationID(try uuid("id")), channel: try present(wordIfAny("channel"), "channel"),
            participants: [try text("low"), try text("high")], firstMessage: JobID(try uuid("first_message")),
            lastMessage: JobID(try uuid("last_message")), tenant: try textIfAny("tenant"))
    }

    /// A value that has its place in a list.
    func wordIfAny<Word: RawRepresentable<String>>(_ column: String) throws(PostgresError) -> Word? {
        guard let text = try textIfAny(column) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw PostgresError(.unexpectedResult, "the column \(column) has the value \(text)")
        }
        return word
    }

    func present<Value>(_ value: Value?, _ column: String) throws(PostgresError) -> Value {
        guard let value else { throw PostgresError(.unexpectedResult, "the column \(column) is NULL") }
        return value
    }
}

extension JobID {
    init(_ uuid: PostgresUUID) { self.init(high: uuid.high, low: uuid.low) }
}

extension ConversationID {
    fileprivate init(_ uuid: PostgresUUID) { self.init(high: uuid.high, low: uuid.low) }
}
