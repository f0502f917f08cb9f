import JobRuntime
import Messaging
import Postgres
import TestSupport
import Testing

@testable import Ledger

/// What belongs to a tenant, where several share a ledger.
@Suite struct TenantTests {
    private static let ids = (0..<4).map { JobID(milliseconds: ReadBench.start + Int64($0), random: 7) }

    /// The same two addresses in all of them: nobody's, one of `acme`, two of `beta`.
    private func bench() async throws -> ReadBench {
        let bench = try await ReadBench()
        let tenants = [nil, "acme", "beta", "beta"]
        try await bench.write(
            zip(Self.ids, tenants).enumerated().map { place, message in
                ReadBench.accepted(message.0, UInt64(place + 1), tenant: message.1)
            })
        return bench
    }

    @Test(arguments: [(nil, [3, 2, 1, 0]), ("acme", [1]), ("beta", [3, 2]), ("gamma", [])])
    func aTenantSeesItsOwn(tenant: String?, expected: [Int]) async throws {
        let bench = try await bench()
        var filters = [MessageFilter](repeating: MessageFilter(), count: 5)
        filters[1].statuses = [.outbound(.pending)]
        filters[2].sender = "+15550001"
        (filters[3].sender, filters[3].recipient) = ("+15550001", "+15550002")
        filters[4].direction = .outbound
        for var filter in filters {
            filter.tenant = tenant
            let page = try await bench.reader.messages(filter)
            #expect(page.elements.map(\.id) == expected.map { Self.ids[$0] }, "\(filter)")
        }
        let counts = try await bench.reader.counts(tenant: tenant)
        #expect(counts == (expected.isEmpty ? [:] : [.outbound(.pending): expected.count]))
    }

    @Test func oneConversationForEach() async throws {
        let bench = try await bench()
        let all = try await bench.reader.conversations().elements
        #expect(all.map(\.tenant) == ["beta", "acme", nil])
        #expect(Set(all.map(\.participants)) == [["+15550001", "+15550002"]])
        for participants in [[], ["+15550002"], ["+15550002", "+15550001"]] {
            var filter = ConversationFilter()
            (filter.tenant, filter.participants) = ("beta", participants)
            let theirs = try await bench.reader.conversations(filter).elements
            #expect(theirs == [all[0]], "\(participants)")
        }
        #expect(all[0].firstMessage == Self.ids[2] && all[0].lastMessage == Self.ids[3])
        var filter = MessageFilter()
        (filter.conversation, filter.tenant) = (all[0].id, "acme")
        #expect(try await bench.reader.messages(filter).elements.isEmpty, "another's")
        filter.tenant = "beta"
        #expect(try await bench.reader.messages(filter).elements.count == 2)
        let message = try #require(try await bench.reader.message(Self.ids[1]))
        #expect(message.tenant == "acme" && message.conversation == all[1].id)
    }

    /// Addresses and texts go for all tenants; whose a message was stays.
    @Test func erasingAnAddress() async throws {
        let bench = try await bench()
        let erasure = LedgerErasure(postgres: bench.ledger.postgres)
        let tally = try await erasure.erase("+15550002", erasure.messages(of: "+15550002"))
        #expect(tally.messages == 4 && tally.conversations == 3)
        #expect(try await bench.reader.counts(tenant: "beta") == [.outbound(.pending): 2])
        try await bench.write([ReadBench.accepted(Self.ids[1], 2, tenant: "acme")])
        #expect(try await bench.reader.conversations().elements.isEmpty, "an event that comes again brings none back")
    }

    /// What was there before tenants were known stays, in a conversation that goes on, and new parts are as the old ones.
    @Test func aLedgerFromBeforeTenants() async throws {
        let postgres = PostgresClient(try await PrivatePostgres.shared().freshDatabase(), logger: .quiet)
        try await Migrator(Array(LedgerMigrations.all.prefix(1))).run(on: postgres, logger: .quiet)
        let conversation = Conversation(.sms, between: "+15550001", and: "+15550002").id
        let (old, new) = (Self.ids[0], JobID(milliseconds: ReadBench.start + 21 * 86_400_000))
        try await postgres.perform { session in
            try session.script(
                """
                SELECT ensure_weeks(ARRAY[\(ReadBench.start)]);
                INSERT INTO messages (
                    id, channel, status, accepted_at, sender, recipient, conversation, content, updated_at)
                VALUES ('\(old)', 'sms', 'sent', now(), '+15550001', '+15550002', '\(conversation)', '{}', now());
                INSERT INTO conversations
                VALUES ('\(conversation)', 'sms', '+15550001', '+15550002', '\(old)', '\(old)');
                """)
        }
        try await Migrator(LedgerMigrations.all).run(on: postgres, logger: .quiet)
        try await LedgerWriter(postgres: postgres).write(
            LedgerBatch([ReadBench.accepted(new, 1), ReadBench.accepted(Self.ids[1], 2, tenant: "acme")]))
        let reader = LedgerReader(postgres: postgres)
        let all = try await reader.conversations().elements
        #expect(all.map(\.id.description).first == "\(conversation)")
        #expect(all.map(\.tenant) == [nil, "acme"])
        #expect(all.first?.firstMessage == old && all.first?.lastMessage == new)
        let (parts, indexes) = try await postgres.perform { session in
            let parts: PostgresQuery = "SELECT count(*) AS count FROM ledger_parts WHERE parent = 'messages'"
            let indexes: PostgresQuery = """
                SELECT count(*) AS count FROM pg_indexes
                WHERE tablename ~ '^messages_' AND indexdef LIKE '%(tenant%WHERE (tenant IS NOT NULL)'
                """
            return (try session.query(parts)[0].int("count"), try session.query(indexes)[0].int("count"))
        }
        #expect(parts >= 2 && indexes == 2 * parts)
        try await postgres.perform { try $0.script(LedgerMigrations.reset) }
        try await Migrator(LedgerMigrations.all).run(on: postgres, logger: .quiet)
        #expect(try await reader.conversations().elements.isEmpty)
    }
}
