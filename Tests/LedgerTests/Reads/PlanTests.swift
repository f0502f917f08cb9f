import JobRuntime
import Messaging
import Postgres
import Testing

@testable import Ledger

/// What the planner makes of each read, where a table's rows are many: an index always, and the one that is meant.
@Suite(.serialized) struct PlanTests {
    private static let week: Int64 = 604_800_000
    /// A Monday.
    private static let start: Int64 = 1_794_787_200_000

    /// 60,000 messages of three weeks. What is rare, or was frequent once, is in the first week only: the status
    /// `unknown`, the channel `mms`, and the sender +15550000. The tenant `acme` has a quarter of all, `beta` 60.
    private static func fill(_ postgres: PostgresClient) async throws {
        try await postgres.perform { session in
            try session.script(
                """
                SELECT ensure_weeks(ARRAY[\(start), \(start + week), \(start + 2 * week)]);
                INSERT INTO messages (
                    id, direction, channel, status, accepted_at, sender, recipient, conversation, content, updated_at,
                    tenant)
                SELECT (lpad(to_hex(\(start) + i * 30000), 12, '0') || '70008' || substr(md5(i::text), 1, 15))::uuid,
                    (CASE WHEN i % 200 = 7 THEN 'inbound' ELSE 'outbound' END)::direction,
                    (CASE WHEN i < 20000 AND i % 5 = 1 THEN 'mms' WHEN i % 3 = 1 THEN 'email' ELSE 'sms' END)::channel,
                    (CASE WHEN i % 200 = 7 THEN 'received' WHEN i < 20000 AND i % 1000 = 1 THEN 'unknown'
                        WHEN i % 100 = 3 THEN 'failed' ELSE 'delivered' END)::message_status,
                    now(), CASE WHEN i < 20000 AND i % 4 = 1 THEN '+15550000' ELSE '+1555' || i % 500 + 1000 END,
                    '+1666' || i % 9000, md5((i % 9000)::text)::uuid, '{}', now(),
                    CASE WHEN i % 4 = 2 THEN 'acme' WHEN i % 1000 = 7 THEN 'beta' END
                FROM generate_series(0::bigint, 59999) AS i;
                INSERT INTO attempts (message, entry, attempt, deliveries, outcome, status, ended_at)
                SELECT id, 1, 1, 1, 'succeeded', 'sent', now() FROM messages;
                INSERT INTO status_events (message, entry, at, type) SELECT id, 2, now(), 'reported' FROM messages;
                INSERT INTO conversations
                SELECT md5(i::text)::uuid, (CASE WHEN i % 900 = 1 THEN 'mms' ELSE 'sms' END)::channel,
                    CASE WHEN i % 3 = 1 THEN '+1555' ELSE '+15551' || i % 500 END, '+1666' || i, id, id,
                    CASE WHEN i % 4 = 2 THEN 'acme' WHEN i % 1000 = 7 THEN 'beta' END
                FROM (SELECT i, md5('m' || i)::uuid AS id FROM generate_series(0, 29999) AS i) AS rows;
                """)
            _ = try session.query("VACUUM ANALYZE")
        }
    }

    private static func filters() -> [(String, MessageFilter)] {
        func filter(_ change: (inout MessageFilter) -> Void) -> MessageFilter {
            var filter = MessageFilter()
            change(&filter)
            return filter
        }
        let conversation = Conversation(.sms, between: "+1", and: "+2").id
        let (status, sender, recipient, pair) = (
            "_status_channel_id_idx", "_sender_id_idx", "_recipient_id_idx", "_conversation_id_idx"
        )
        let plain: [(String, MessageFilter)] = [
            ("_pkey", filter { _ in }), (status, filter { $0.statuses = [.outbound(.unknown)] }),
            (status, filter { $0.statuses = [.outbound(.delivered), .outbound(.failed)] }),
            (status, filter { $0.channels = [.mms] }), (status, filter { $0.channels = [.sms, .webhook] }),
            (status, filter { $0.direction = .inbound }), ("_pkey", filter { $0.direction = .outbound }),
            (sender, filter { $0.sender = "+15550000" }), (recipient, filter { $0.recipient = "+166617" }),
            (pair, filter { ($0.sender, $0.recipient) = ("+15550000", "+166617") }),
            (pair, filter { $0.conversation = conversation }),
            (sender, filter { ($0.sender, $0.statuses) = ("+15551017", [.outbound(.unknown)]) }),
            (recipient, filter { ($0.recipient, $0.channels) = ("+166617", [.mms]) }),
            (pair, filter { ($0.conversation, $0.statuses) = (conversation, [.outbound(.failed)]) }),
        ]
        let tenants = ["acme", "beta", "nobody"].flatMap { tenant in
            plain.map { name, filter in
                var filter = filter
                filter.tenant = tenant
                return (["_pkey": "_tenant_id_idx", status: "_tenant_status_channel_id_idx"][name] ?? name, filter)
            }
        }
        let timed = (plain + tenants).map { name, filter in
            var filter = filter
            (filter.since, filter.until) = (start + week / 2, start + week)
            return (name, filter)
        }
        return plain + tenants + timed
    }

    private func checkConversationsAndCounts(of tenant: String?, _ bench: ReadBench) async throws {
        for (participants, index) in [
            ([], tenant == nil ? "conversations_recent" : "conversations_tenant"), (["+1555"], "conversations_low"),
            (["+1555", "+1666"], "conversations_pair"),
        ] {
            for channel in [nil, Channel.mms] {
                var filter = ConversationFilter()
                (filter.participants, filter.channel, filter.tenant) = (participants, channel, tenant)
                let plan = try await plan(bench, ConversationList(filter, after: nil, limit: 21).call)
                checkNoScan(plan)
                #expect(plan.contains(index), "\(filter)\n\(plan)")
                #expect(!participants.isEmpty || !plan.contains("Rows Removed by Filter"), "\(plan)")
            }
        }
        for channels in [Channel.allCases, [.sms]] {
            let range = try #require(IDRange(Self.start + Self.week / 2, nil))
            let plan = try await plan(bench, LedgerReads.counts(of: tenant, channels, range))
            #expect(!plan.contains("Seq Scan"), "\(plan)")
            #expect(plan.contains("Index Only Scan using messages_2026"), "\(plan)")
            #expect(!plan.contains("_pkey"), "\(plan)")
            #expect(tenant == nil || plan.contains("_tenant_status_channel_id_idx"), "\(plan)")
            #expect(!plan.contains("Rows Removed by Filter"), "\(plan)")
        }
    }

    private func plan(_ bench: ReadBench, _ call: (PostgresQuery, [PostgresValue])) async throws -> String {
        try await bench.ledger.postgres.perform { [sql = call.0.sql, parameters = call.1] session in
            try session.query(PostgresQuery("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) \(sql)"), parameters)
                .map { try $0.text("QUERY PLAN") }.joined(separator: "\n")
        }
    }

    private func checkNoScan(_ plan: String) {
        #expect(!plan.contains("Seq Scan"), "\(plan)")
        #expect(!plan.contains("Bitmap Heap Scan on messages"), "\(plan)")
        // Rows come in the order of the index, up to the limit: what is sorted is the few that it gave.
        let sorted = plan.matches(of: #/Sort.*rows=(\d+)/#).compactMap { Int($0.output.1) }
        #expect(sorted.allSatisfy { $0 <= 500 }, "\(plan)")
    }

    @Test func eachReadHasItsIndex() async throws {
        let bench = try await ReadBench()
        try await Self.fill(bench.ledger.postgres)
        for (index, filter) in Self.filters() {
            let list = try #require(MessageList(filter, after: nil, limit: 21))
            let plan = try await plan(bench, list.call)
            checkNoScan(plan)
            #expect(plan.contains(index), "\(filter)\n\(plan)")
            if index != "_pkey" { #expect(!plan.contains(#/messages\w*_pkey/#), "\(filter)\n\(plan)") }
            // What is another's is not even looked at.
            if index.hasPrefix("_tenant"), filter.direction == nil {
                #expect(!plan.contains("Rows Removed by Filter"), "\(plan)")
            }
            // Parts outside of the time are not touched.
            if filter.since != nil { #expect(!plan.contains("2026_11_23"), "\(plan)") }
        }
        for tenant in [nil, "acme", "beta", "nobody"] { try await checkConversationsAndCounts(of: tenant, bench) }
        let id = PostgresValue.uuid(PostgresUUID(JobID(milliseconds: Self.start)))
        for query in [LedgerReads.message, LedgerReads.timeline] {
            let plan = try await plan(bench, (query, [id]))
            #expect(plan.contains("_pkey") && !plan.contains("Seq Scan"), "\(plan)")
        }
    }
}
