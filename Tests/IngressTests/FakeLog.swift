import Ingress
import JobRuntime
import Messaging
import Postgres
import Synchronization

@testable import Ledger

/// A ledger in memory, which notes what it is asked for.
final class FakeLog: MessageLog {
    struct Asked: Equatable {
        var filter = MessageFilter()
        var conversations = ConversationFilter()
        var cursor: MessageCursor?
        var limit = 0
        var tenant: String?
        var channel: Channel?
        var since: Int64?
        var until: Int64?
    }

    private let stored: [LedgerMessage]
    private let talks: [LedgerConversation]
    private let isBroken: Bool
    private let last = Mutex(Asked())

    init(_ stored: [LedgerMessage] = [], conversations: [LedgerConversation] = [], isBroken: Bool = false) {
        self.stored = stored
        talks = conversations
        self.isBroken = isBroken
    }

    /// What was last asked for.
    var asked: Asked { last.withLock { $0 } }

    func message(_ id: JobID) async throws -> LedgerMessage? {
        try note(Asked())
        return stored.first { $0.id == id }
    }

    func messages(
        _ filter: MessageFilter, after cursor: MessageCursor?, limit: Int
    ) async throws -> LedgerPage<LedgerMessage> {
        try note(Asked(filter: filter, cursor: cursor, limit: limit))
        return LedgerPage(stored, limit: limit, last: \.id)
    }

    func conversations(
        _ filter: ConversationFilter, after cursor: MessageCursor?, limit: Int
    ) async throws -> LedgerPage<LedgerConversation> {
        try note(Asked(conversations: filter, cursor: cursor, limit: limit))
        return LedgerPage(talks, limit: limit, last: \.lastMessage)
    }

    func conversation(_ id: ConversationID) async throws -> LedgerConversation? {
        try note(Asked())
        return talks.first { $0.id == id }
    }

    func counts(
        tenant: String?, channel: Channel?, since: Int64?, until: Int64?
    ) async throws -> [LedgerStatus: Int] {
        try note(Asked(tenant: tenant, channel: channel, since: since, until: until))
        return [.outbound(.sent): 7, .received: 1]
    }

    private func note(_ asked: Asked) throws {
        guard !isBroken else { throw PostgresError(.unavailable, "db.internal:5432 refused the connection") }
        last.withLock { $0 = asked }
    }
}
