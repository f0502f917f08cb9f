import JobRuntime
import Messaging
import Postgres

/// The statement that lists conversations, the latest to have had a message first.
struct ConversationList {
    private var parameters: [PostgresValue] = []
    private var sql = ""

    var call: (PostgresQuery, [PostgresValue]) { (PostgresQuery(sql), parameters) }

    init(_ filter: ConversationFilter, after cursor: MessageCursor?, limit: Int) {
        let last = cursor.map { PostgresUUID($0.last) } ?? PostgresUUID(high: .max, low: .max)
        let channels = filter.channel.map { [$0] } ?? Channel.allCases
        let end = "ORDER BY last_message DESC LIMIT \(limit)"
        let select = "SELECT \(LedgerReads.conversationColumns) FROM conversations"
        switch (filter.participants.first, filter.participants.dropFirst().first) {
        case (nil, _):
            parameters = [.uuid(last)]
            // One walk of the index for each channel: without it a rare one would be looked for among all.
            sql = """
                SELECT c.* FROM unnest(\(MessageList.array(channels))) AS k (channel) CROSS JOIN LATERAL (
                    \(select) WHERE channel = k.channel AND last_message < $1 \(end)
                ) AS c \(end)
                """
        case (let one?, nil):
            parameters = [.uuid(last), .text(one), .uuid(PostgresUUID(high: 0, low: 0))]
            let ofChannel = "channel = ANY (\(MessageList.array(channels)))"
            // By a row comparison, as in ``MessageList``.
            func half(_ column: String) -> String {
                """
                (\(select) WHERE (\(column), last_message) >= ($2, $3) AND (\(column), last_message) < ($2, $1)
                    AND \(ofChannel)\(column == "high" ? " AND low <> $2" : "")
                ORDER BY \(column) DESC, last_message DESC LIMIT \(limit))
                """
            }
            sql = "SELECT * FROM (\(half("low")) UNION ALL \(half("high"))) AS c \(end)"
        case (let one?, let other?):
            let ids = channels.map { PostgresUUID(Conversation($0, between: one, and: other).id) }
            parameters = [.uuid(last), .uuids(ids)]
            sql = "\(select) WHERE id = ANY ($2) AND last_message < $1 \(end)"
        }
    }
}
