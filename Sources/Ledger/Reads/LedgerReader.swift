public import JobRuntime
public import Messaging
public import Postgres

/// Answers from the ledger. It knows of a message shortly after its events: of one that was just accepted the queue
/// knows more.
///
/// - Throws: all methods throw ``PostgresError``.
public struct LedgerReader: Sendable {
    /// How many elements a page has at most.
    public static let maximumLimit = 1000

    private let postgres: PostgresClient

    /// - Parameter postgres: must be running.
    public init(postgres: PostgresClient) { self.postgres = postgres }

    /// A message with its timeline.
    ///
    /// - Returns: nil when no event of it has come. Of one whose acceptance has not come `acceptedAt` is nil.
    public func message(_ id: JobID) async throws -> LedgerMessage? {
        let parameters = [PostgresValue.uuid(PostgresUUID(id))]
        return try await postgres.perform { session in
            let rows = try session.pipeline([(LedgerReads.message, parameters), (LedgerReads.timeline, parameters)])
            guard var message = try rows[0].first?.message() else { return nil }
            message.timeline = try rows[1].map { row in try row.news() }.withoutRepetitions()
            return message
        }
    }

    /// Messages that were accepted, newest first, without their timelines.
    ///
    /// - Parameter limit: at most ``maximumLimit``.
    public func messages(
        _ filter: MessageFilter, after cursor: MessageCursor? = nil, limit: Int = 20
    ) async throws -> LedgerPage<LedgerMessage> {
        let limit = Self.clamped(limit)
        guard let list = MessageList(filter, after: cursor, limit: limit + 1) else { return LedgerPage([]) }
        let rows = try await run(list.call) { row in try row.message() }
        return LedgerPage(rows, limit: limit, last: \.id)
    }

    /// Conversations, the latest to have had a message first. One that gets a message while the pages are gone through
    /// moves to the front of the list, and so may be on two of them or on none that is still to come.
    ///
    /// - Parameter limit: at most ``maximumLimit``.
    public func conversations(
        _ filter: ConversationFilter = ConversationFilter(), after cursor: MessageCursor? = nil, limit: Int = 20
    ) async throws -> LedgerPage<LedgerConversation> {
        let limit = Self.clamped(limit)
        let list = ConversationList(filter, after: cursor, limit: limit + 1)
        let rows = try await run(list.call) { row in try row.conversation() }
        return LedgerPage(rows, limit: limit, last: \.lastMessage)
    }

    public func conversation(_ id: ConversationID) async throws -> LedgerConversation? {
        try await run((LedgerReads.conversation, [.uuid(PostgresUUID(id))])) { row in try row.conversation() }.first
    }

    /// How many messages there are of each status, those with none left out.
    ///
    /// - Parameters:
    ///   - tenant: whose are counted; nil: everybody's.
    ///   - channel: nil: all.
    ///   - since: Unix milliseconds.
    ///   - until: Unix milliseconds, not included.
    public func counts(
        tenant: String? = nil, channel: Channel? = nil, since: Int64? = nil, until: Int64? = nil
    ) async throws -> [LedgerStatus: Int] {
        guard let range = IDRange(since, until) else { return [:] }
        let call = LedgerReads.counts(of: tenant, channel.map { [$0] } ?? Channel.allCases, range)
        let rows = try await run(call) { row in
            (try row.present(row.wordIfAny("status") as LedgerStatus?, "status"), Int(try row.int("count")))
        }
        return Dictionary(rows, uniquingKeysWith: +).filter { $0.value > 0 }
    }

    private static func clamped(_ limit: Int) -> Int { min(max(limit, 1), maximumLimit) }

    private func run<Value: Sendable>(
        _ call: (PostgresQuery, [PostgresValue]), _ read: @escaping @Sendable (PostgresRow) throws -> Value
    ) async throws -> [Value] {
        try await postgres.perform { [query = call.0, parameters = call.1] session in
            try session.query(query, parameters).map(read)
        }
    }
}
