import JobRuntime
import Messaging
import Postgres

/// The statement that lists conversations, the latest to have had a message first. As in ``MessageList``, the rows are
/// asked for in the order of the index that is meant.
struct ConversationList {
    private var parameters: [PostgresValue]
    private var sql = ""
    private let limit: Int

    var call: (PostgresQuery, [PostgresValue]) { (PostgresQuery(sql), parameters) }

    private static let select = "SELECT \(LedgerReads.conversationColumns) FROM conversations"

    init(_ filter: ConversationFilter, after cursor: MessageCursor?, limit: Int) {
        let last = cursor.map { PostgresUUID($0.last) } ?? PostgresUUID(high: .max, low: .max)
        parameters = [.uuid(last), .uuid(PostgresUUID(high: 0, low: 0))]
        self.limit = limit
        let tenant = filter.tenant.map { add(.text($0)) }
        // So that no index fits it.
        let isTheirs = tenant.map { " AND array_position(ARRAY[\($0)], tenant) IS NOT NULL" } ?? ""
        let channels = filter.channel.map { [$0] } ?? Channel.allCases
        let end = "ORDER BY last_message DESC LIMIT \(limit)"
        switch (filter.participants.first, filter.participants.dropFirst().first) {
        case (nil, _):
            // One walk of the index for each channel: without it a rare one would be looked for among all.
            let key = (tenant.map { [("tenant", $0)] } ?? []) + [("channel", "k.channel")]
            let walk = walk(key, where: tenant.map { _ in "tenant IS NOT NULL" })
            sql = """
                SELECT c.* FROM unnest(\(MessageList.array(channels))) AS k (channel) CROSS JOIN LATERAL (\(walk)) AS c
                \(end)
                """
        case (let one?, nil):
            let address = add(.text(one))
            let condition = "channel = ANY (\(MessageList.array(channels)))\(isTheirs)"
            let low = walk([("low", address)], where: condition)
            let high = walk([("high", address)], where: "\(condition) AND low <> \(address)")
            sql = "SELECT * FROM ((\(low)) UNION ALL (\(high))) AS c \(end)"
        case (let one?, let other?):
            let condition = Self.isBetween(add(Self.pair(one, other)), channels) + isTheirs
            // All of the pair's first, which are few: they have no order that another index has, too.
            sql = "SELECT * FROM (\(Self.select) WHERE \(condition) OFFSET 0) AS c WHERE last_message < $1 \(end)"
        }
    }

    /// The rows with these values, by the index that has their columns before `last_message`.
    private func walk(_ key: [(column: String, value: String)], where condition: String?) -> String {
        let columns = key.map(\.column).joined(separator: ", "), values = key.map(\.value).joined(separator: ", ")
        return """
            \(Self.select) WHERE (\(columns), last_message) >= (\(values), $2)
                AND (\(columns), last_message) < (\(values), $1)\(condition.map { " AND \($0)" } ?? "")
            ORDER BY \(key.map { "\($0.column) DESC, " }.joined())last_message DESC LIMIT \(limit)
            """
    }

    private mutating func add(_ value: PostgresValue) -> String {
        parameters.append(value)
        return "$\(parameters.count)"
    }
}

extension ConversationList {
    /// Whether a conversation is between two addresses, by the index of pairs: there is one for each channel and tenant.
    ///
    /// - Parameter pair: the parameter with ``pair(_:_:)``.
    static func isBetween(_ pair: String, _ channels: [Channel]) -> String {
        "md5(low || E'\\n' || high) = md5(\(pair)) AND channel = ANY (\(MessageList.array(channels)))"
    }

    static func pair(_ one: String, _ other: String) -> PostgresValue {
        .text([one, other].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: "\n"))
    }
}
