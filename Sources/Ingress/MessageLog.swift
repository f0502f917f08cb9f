public import JobRuntime
public import Ledger
public import Messaging

/// What the ingress needs of the ledger. Of ``LedgerReader`` the methods have the same meaning.
public protocol MessageLog: Sendable {
    func message(_ id: JobID) async throws -> LedgerMessage?

    func messages(
        _ filter: MessageFilter, after cursor: MessageCursor?, limit: Int
    ) async throws -> LedgerPage<LedgerMessage>

    func conversations(
        _ filter: ConversationFilter, after cursor: MessageCursor?, limit: Int
    ) async throws -> LedgerPage<LedgerConversation>

    func conversation(_ id: ConversationID) async throws -> LedgerConversation?

    func counts(
        tenant: String?, channel: Channel?, since: Int64?, until: Int64?
    ) async throws -> [LedgerStatus: Int]
}

extension LedgerReader: MessageLog {}
