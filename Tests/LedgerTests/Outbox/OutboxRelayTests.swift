import Foundation
import JobRuntime
import Logging
import NIOCore
import Postgres
import Redis
import TestSupport
import Testing

@testable import Ledger

/// An application's database with an outbox, and queues.
private struct OutboxBench: Sendable {
    let server: PrivatePostgres
    let postgres: PostgresClient
    let redis: RedisClient
    let keys = freshKeys()

    static let queue = JobQueue("message_queue:sms")

    init(_ redis: RedisClient, server: PrivatePostgres? = nil) async throws {
        self.redis = redis
        let shared = if let server { server } else { try await PrivatePostgres.shared() }
        self.server = shared
        postgres = PostgresClient(try await shared.freshDatabase(), connections: 4, logger: .quiet)
        try await postgres.perform { session in
            try session.script(Outbox.sql)
            // Again, as an application does that is deployed again.
            try session.script(Outbox.sql)
        }
    }

    var store: JobStore { .redis(redis, keys: keys) }

    func relay(_ store: JobStore? = nil, isKnown: @escaping @Sendable (JobID) async throws -> Bool = { _ in false })
        -> OutboxRelay
    {
        OutboxRelay(
            postgres: postgres, client: JobClient(store: store ?? self.store, patience: .milliseconds(200)),
            logger: .quiet,
            read: { message, id in
                let text = String(buffer: message)
                guard !text.contains("wrong") else { throw Wrong() }
                return NewJob(id: id, queue: Self.queue, kind: "sms", payload: message)
            }, isKnown: isKnown)
    }

    struct Wrong: Error, CustomStringConvertible {
        var description: String { "/body is wrong" }
    }

    func running(_ relays: OutboxRelay..., body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for relay in relays { group.addTask { await relay.run() } }
            defer { group.cancelAll() }
            try await body()
        }
    }

    func insert(_ count: Int, body: String = "text") async throws {
        let query = PostgresQuery(
            """
            INSERT INTO posthaste_outbox (message)
            SELECT jsonb_build_object('type', 'sms', 'body', $2 || ' ' || n) FROM generate_series(1, $1) AS n
            """)
        try await postgres.transaction { _ = try $0.query(query, [.int(Int64(count)), .text(body)]) }
    }

    func left() async throws -> Int {
        try await postgres.perform { Int(try $0.query("SELECT count(*) AS n FROM posthaste_outbox")[0].int("n")) }
    }

    /// The ids of the jobs in the queue, in its order.
    func enqueued() async throws -> [String] {
        let entries = try await redis.send(RedisCommand("XRANGE", keys.stream(Self.queue.name), "-", "+"))
        return (entries.array ?? []).compactMap { $0.array?.last?.map?["id"]?.string }
    }
}

/// A row that is committed becomes one job, and no other does.
@Suite(.timeLimit(.minutes(5))) struct OutboxRelayTests {
    private func withOutbox(_ body: (OutboxBench) async throws -> Void) async throws {
        try await withClient(try await PrivateRedis.shared().configuration) { redis in
            try await body(try await OutboxBench(redis))
        }
    }

    private struct RolledBack: Error {}

    @Test func whatIsRolledBackIsNeverSent() async throws {
        try await withOutbox { bench in
            try await bench.running(bench.relay()) {
                await #expect(throws: RolledBack.self) {
                    try await bench.postgres.transaction { session in
                        try session.query(
                            "INSERT INTO posthaste_outbox (message) VALUES ('{\"body\": \"never\"}') RETURNING id")
                        throw RolledBack()
                    }
                }
                try await bench.insert(1)
                try await eventually("the other is sent") { try await bench.left() == 0 }
            }
            #expect(try await bench.enqueued().count == 1)
        }
    }

    @Test func manyAreDrainedOnceByTwoSideBySide() async throws {
        try await withOutbox { bench in
            try await bench.insert(10_000)
            try await bench.running(bench.relay(), bench.relay()) {
                try await eventually("the outbox is empty") { try await bench.left() == 0 }
            }
            let ids = try await bench.enqueued()
            #expect(ids.count == 10_000)
            #expect(Set(ids).count == 10_000)
        }
    }

    @Test func oneRelayKeepsTheOrder() async throws {
        try await withOutbox { bench in
            for _ in 0..<3 { try await bench.insert(500) }
            try await bench.running(bench.relay()) {
                try await eventually("the outbox is empty") { try await bench.left() == 0 }
            }
            let ids = try await bench.enqueued()
            #expect(ids.count == 1500)
            #expect(ids == ids.sorted())
            #expect(ids.allSatisfy { JobID($0)?.partition == 0 })
        }
    }

    @Test func whatIsWrongStaysAndSaysWhy() async throws {
        try await withOutbox { bench in
            try await bench.insert(2, body: "wrong")
            try await bench.insert(2)
            try await bench.postgres.perform {
                _ = try $0.query("INSERT INTO posthaste_outbox (id, message) VALUES (gen_random_uuid(), '{}')")
            }
            try await bench.running(bench.relay()) {
                try await eventually("the others are sent") { try await bench.left() == 3 }
                // Mended, it is sent.
                try await bench.postgres.perform {
                    _ = try $0.query(
                        """
                        UPDATE posthaste_outbox SET message = '{"body": "mended"}', error = NULL
                        WHERE message ->> 'body' = 'wrong 1'
                        """)
                }
                try await eventually("it is sent") { try await bench.left() == 2 }
            }
            let errors = try await bench.postgres.perform {
                try $0.query("SELECT error FROM posthaste_outbox ORDER BY error").map { try $0.text("error") }
            }
            #expect(errors == ["/body is wrong", "the id is no UUID of version 7"])
            #expect(try await bench.enqueued().count == 3)
        }
    }

    /// Claimed, enqueued, and not deleted: as a relay leaves it that is killed.
    @Test func whatADeadRelayLeftIsNotEnqueuedAgain() async throws {
        try await withOutbox { bench in
            try await bench.insert(30)
            let rows = try await bench.postgres.transaction { session in
                try session.query(OutboxQueries.claim, [.int(20), .double(60)]).map { try $0.uuid("id") }
            }
            let ids = rows.map { "\($0)" }.sorted()
            let jobs = ids.prefix(10).compactMap { JobID($0) }.map {
                NewJob(id: $0, queue: OutboxBench.queue, kind: "sms", payload: ByteBuffer(string: "{}"))
            }
            for result in await JobClient(store: bench.store).enqueue(jobs) { _ = try result.get() }
            // Of these the ledger knows, and Redis no more.
            let known = Set(ids[10..<15])
            try await bench.running(bench.relay(isKnown: { known.contains("\($0)") })) {
                try await eventually("those that are nobody's are sent") { try await bench.left() == 20 }
                try await bench.postgres.perform {
                    _ = try $0.query("UPDATE posthaste_outbox SET claimed_at = claimed_at - interval '61 seconds'")
                }
                try await eventually("the others are taken over") { try await bench.left() == 0 }
            }
            let enqueued = try await bench.enqueued()
            #expect(enqueued.count == 25)
            #expect(Set(enqueued).count == 25)
            #expect(known.isDisjoint(with: enqueued))
        }
    }

    @Test func whileRedisIsAwayTheyWait() async throws {
        let server = try await PrivateRedis()
        try await withClient(server.configuration) { redis in
            let bench = try await OutboxBench(redis)
            var first: [String] = []
            try await bench.running(bench.relay()) {
                try await bench.insert(1)
                try await eventually("it is sent") { try await bench.left() == 0 }
                first = try await bench.enqueued()
                await server.kill()
                try await bench.insert(50)
                try await eventually("they were tried") {
                    try await bench.postgres.perform {
                        try $0.query(
                            "SELECT FROM pg_stat_user_tables WHERE relname = 'posthaste_outbox' AND n_tup_upd > 60"
                        )
                        .count == 1
                    }
                }
                #expect(try await bench.left() == 50)
                try await server.start()
                try await eventually("they are sent") { try await bench.left() == 0 }
            }
            // The first may be lost with Redis, whose file is written a moment later.
            let ids = try await bench.enqueued().filter { !first.contains($0) }
            #expect(ids.count == 50 && Set(ids).count == 50)
        }
    }

    @Test func whileTheApplicationsPostgresIsAwayTheyWait() async throws {
        let server = try await PrivatePostgres(isDurable: true)
        try await withClient(try await PrivateRedis.shared().configuration) { redis in
            let bench = try await OutboxBench(redis, server: server)
            try await bench.running(bench.relay(), bench.relay()) {
                try await bench.insert(3000)
                try await eventually("some are sent") { try await !bench.enqueued().isEmpty }
                await server.kill()
                try await server.start()
                // What was in hand when it was killed is left for a minute to who had it.
                try await eventually("all are sent") {
                    try? await bench.postgres.perform {
                        _ = try $0.query(
                            """
                            UPDATE posthaste_outbox SET claimed_at = claimed_at - interval '61 seconds'
                            WHERE claimed_at > now() - interval '60 seconds'
                            """)
                    }
                    return (try? await bench.left()) == 0
                }
            }
            let ids = try await bench.enqueued()
            #expect(ids.count == 3000)
            #expect(Set(ids).count == 3000)
        }
    }
}
