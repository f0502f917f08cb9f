import JobRuntime
import Messaging
import Postgres

/// The statement that lists messages, newest first.
///
/// Of the indexes one fits best, and the statement leaves the planner no other. It would like to walk the primary key
/// backwards until enough rows have fitted, which is fast while they are frequent, and reads millions of rows when a
/// value is rare or was frequent long ago; and it cannot know that from its statistics. So the rows are asked for in
/// the order of the index that is meant, between two of its entries (a row comparison): the primary key has no such
/// order. All other conditions are written so that no index fits them, and so that the planner takes them to be mostly
/// true.
struct MessageList {
    /// The columns of an index before `id`, and the rows that they must have, as SQL.
    private struct Key {
        var columns: [String]
        /// A FROM item with a column for each of these.
        var values: String
    }

    private var parameters: [PostgresValue] = []
    private var conditions = ["m.accepted_at IS NOT NULL"]
    private var sql = ""

    var call: (PostgresQuery, [PostgresValue]) { (PostgresQuery(sql), parameters) }

    /// - Returns: nil where no message can fit.
    init?(_ filter: MessageFilter, after cursor: MessageCursor?, limit: Int) {
        let channels = Channel.allCases.filter { filter.channels.isEmpty || filter.channels.contains($0) }
        let statuses = LedgerStatus.allCases.filter {
            (filter.statuses.isEmpty || filter.statuses.contains($0))
                && (filter.direction == nil || filter.direction == $0.direction)
        }
        let range = IDRange(filter.since, filter.until, before: cursor?.last)
        guard !statuses.isEmpty, let range else { return nil }
        let key = key(filter, channels, statuses)
        // The parts that hold none of these are not looked at.
        let (low, high) = (add(.uuid(range.low)), add(.uuid(range.high)))
        conditions += ["m.id >= \(low)", "m.id < \(high)"]
        guard let key else {
            sql = select(orderedBy: ["id"], limit: limit)
            return
        }
        let columns = (key.columns + ["id"]).map { "m.\($0)" }.joined(separator: ", ")
        let values = key.columns.map { "k.\($0)" }.joined(separator: ", ")
        conditions.append("(\(columns)) >= (\(values), \(low)) AND (\(columns)) < (\(values), \(high))")
        sql = """
            SELECT m.* FROM \(key.values) CROSS JOIN LATERAL (
                \(select(orderedBy: key.columns + ["id"], limit: limit))
            ) AS m ORDER BY m.id DESC LIMIT \(limit)
            """
    }

    private func select(orderedBy columns: [String], limit: Int) -> String {
        """
        SELECT \(LedgerReads.messageColumns) FROM messages AS m WHERE \(conditions.joined(separator: " AND "))
        ORDER BY \(columns.map { "m.\($0) DESC" }.joined(separator: ", ")) LIMIT \(limit)
        """
    }

    /// The index that leaves the fewest rows to be looked through; all else becomes a condition. nil: the primary key.
    private mutating func key(_ filter: MessageFilter, _ channels: [Channel], _ statuses: [LedgerStatus]) -> Key? {
        let hasFew = statuses.count < LedgerStatus.allCases.count
        let isOnlyOfOneDirection = filter.statuses.isEmpty && filter.direction == .outbound && filter.channels.isEmpty
        let tenant = filter.tenant.map { add(.texts([$0])) }
        let conversations = conversations(filter, channels, tenant)
        if conversations == nil, filter.sender == nil, filter.recipient == nil, !isOnlyOfOneDirection,
            hasFew || channels.count < Channel.allCases.count
        {
            return key(tenant, [("status", Self.array(statuses)), ("channel", Self.array(channels))])
        }
        if hasFew { look(for: "status", in: Self.array(statuses)) }
        if channels.count < Channel.allCases.count { look(for: "channel", in: Self.array(channels)) }
        let sender = filter.sender.map { add(.texts([$0])) }, recipient = filter.recipient.map { add(.texts([$0])) }
        if let conversations {
            if let sender { look(for: "sender", in: sender) }
            if let recipient { look(for: "recipient", in: recipient) }
            return Key(columns: ["conversation"], values: conversations)
        }
        if let tenant, sender ?? recipient != nil { look(for: "tenant", in: tenant) }
        if let sender { return key(nil, [("sender", sender)]) }
        if let recipient { return key(nil, [("recipient", recipient)]) }
        return tenant.map { key($0, []) }
    }

    /// - Parameter columns: with their values, an array each.
    private mutating func key(_ tenant: String?, _ columns: [(name: String, values: String)]) -> Key {
        var columns = columns
        if let tenant {
            columns.insert(("tenant", tenant), at: 0)
            // As the index says; a row comparison does not tell the planner.
            conditions.append("m.tenant IS NOT NULL")
        }
        let names = columns.map(\.name)
        let values = columns.map { "unnest(\($0.values)) AS \($0.name)" }.joined(separator: " CROSS JOIN ")
        return Key(columns: names, values: "(SELECT * FROM \(values)) AS k (\(names.joined(separator: ", ")))")
    }

    private mutating func look(for column: String, in array: String) {
        conditions.append("array_position(\(array), m.\(column)) IS NOT NULL")
    }

    /// A FROM item of the conversations that the messages are in; nil where they may be in any.
    ///
    /// What two addresses say to each other is a conversation for each channel and tenant, and an address may have
    /// millions of messages.
    private mutating func conversations(
        _ filter: MessageFilter, _ channels: [Channel], _ tenant: String?
    ) -> String? {
        var condition: String
        if let id = filter.conversation {
            condition = "id = \(add(.uuid(PostgresUUID(id))))"
        } else if let sender = filter.sender, let recipient = filter.recipient {
            condition = ConversationList.isBetween(add(ConversationList.pair(sender, recipient)), channels)
        } else {
            return nil
        }
        if let tenant { condition += " AND array_position(\(tenant), tenant) IS NOT NULL" }
        return "(SELECT id FROM conversations WHERE \(condition)) AS k (conversation)"
    }

    private mutating func add(_ value: PostgresValue) -> String {
        parameters.append(value)
        return "$\(parameters.count)"
    }

    static func array(_ statuses: [LedgerStatus]) -> String {
        "'{\(statuses.map(\.rawValue).joined(separator: ","))}'::message_status[]"
    }

    static func array(_ channels: [Channel]) -> String {
        "'{\(channels.map(\.rawValue).joined(separator: ","))}'::channel[]"
    }
}

/// Ids from one, which is meant, to another, which is not.
struct IDRange: Equatable {
    var low = PostgresUUID(high: 0, low: 0)
    var high = PostgresUUID(high: .max, low: .max)

    /// - Parameters:
    ///   - since: Unix milliseconds.
    ///   - until: Unix milliseconds, not included.
    /// - Returns: nil where it is empty.
    init?(_ since: Int64?, _ until: Int64?, before last: JobID? = nil) {
        if let since { low = Self.first(since) }
        if let until { high = Self.first(until) }
        if let last, Self.isAscending(PostgresUUID(last), high) { high = PostgresUUID(last) }
        guard Self.isAscending(low, high) else { return nil }
    }

    private static func isAscending(_ a: PostgresUUID, _ b: PostgresUUID) -> Bool { (a.high, a.low) < (b.high, b.low) }

    /// The first id of a moment.
    private static func first(_ milliseconds: Int64) -> PostgresUUID {
        PostgresUUID(high: UInt64(min(max(milliseconds, 0), 0xFFFF_FFFF_FFFF)) << 16, low: 0)
    }
}
