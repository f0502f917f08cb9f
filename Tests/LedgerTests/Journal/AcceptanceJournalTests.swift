import Foundation
import JobRuntime
import NIOCore
import Postgres
import Redis
import ServiceLifecycle
import TestSupport
import Testing

@testable import Ledger

/// What is said to be accepted is in the ledger, whatever is lost.
@Suite(.timeLimit(.minutes(5))) struct AcceptanceJournalTests {
    private static let queue = JobQueue("message_queue:sms")

    private func message(_ number: Int, queue: JobQueue = queue, start: NewJob.Start = .now) -> NewJob {
        NewJob(
            queue: queue, kind: "sms",
            payload: ByteBuffer(string: #"{"from":"+15550001111","to":"+15550002222","body":"text \#(number)"}"#),
            start: start)
    }

    /// Runs a body with a client whose messages are in the ledger first.
    private func withClient(
        _ redis: RedisClient, _ configuration: PostgresConfiguration, limits: QueueLimits = .none,
        keys: KeySpace = freshKeys(), patience: Duration = .seconds(4),
        _ body: (JobClient, JobStore) async throws -> Void
    ) async throws {
        let postgres = PostgresClient(
            AcceptanceJournal.configuration(from: configuration), connections: 2, logger: .quiet)
        let journal = AcceptanceJournal(postgres: postgres, patience: patience, logger: .quiet)
        var options = RedisStoreOptions()
        options.keepsEvents = true
        let store = JobStore.redis(redis, keys: keys, options: options)
        let client = JobClient(store: store, patience: .seconds(1), journal: journal) { _ in limits }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await postgres.run() }
            group.addTask { await journal.run() }
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            try await body(client, store)
        }
    }

    /// Enqueues many at once, until told to stop.
    private func flood(
        _ client: JobClient, _ acknowledged: Locked<[JobID: String]>, _ refused: Locked<[EnqueueError]>,
        until isOver: Locked<Bool>
    ) async {
        await withTaskGroup { group in
            for lane in 0..<16 {
                group.addTask {
                    var number = 0
                    while !isOver.value {
                        number += 1
                        let job = message(lane * 1_000_000 + number)
                        do throws(EnqueueError) {
                            _ = try await client.enqueue(job)
                            acknowledged.update { $0[job.id] = String(buffer: job.payload) }
                        } catch {
                            refused.update { $0.append(error) }
                            try? await Task.sleep(for: .milliseconds(10))  // allowed: a client's pause
                        }
                    }
                }
            }
        }
    }

    private func pending(_ bench: LedgerBench) async throws -> [String: String] {
        try await bench.postgres.perform { session in
            let rows = try session.query(
                "SELECT id, content FROM messages WHERE status = 'pending' AND accepted_at IS NOT NULL")
            return try Dictionary(
                uniqueKeysWithValues: rows.map { ("\(try $0.uuid("id"))", try $0.text("content")) })
        }
    }

    @Test func aRedisThatLosesEverythingLosesNoMessage() async throws {
        let bench = try await LedgerBench(), server = try await PrivateRedis()
        let acknowledged = Locked<[JobID: String]>([:]), refused = Locked<[EnqueueError]>([]), isOver = Locked(false)
        try await TestSupport.withClient(server.configuration) { redis in
            try await withClient(redis, bench.postgres.configuration) { client, _ in
                async let flood: Void = flood(client, acknowledged, refused, until: isOver)
                try await eventually("many are accepted") { acknowledged.value.count > 500 }
                await server.kill()
                isOver.value = true
                await flood
            }
        }
        // Started again it would have nothing: nobody asks it.
        let rows = try await pending(bench)
        #expect(acknowledged.value.allSatisfy { rows["\($0)"] == $1 })
        #expect(Set(try await bench.rows(of: "conversations")).count == 1)
    }

    @Test func whatIsAcknowledgedIsThereAfterPostgresWasKilled() async throws {
        let postgres = try await PrivatePostgres(isDurable: true)
        let bench = try await LedgerBench(postgres)
        let acknowledged = Locked<[JobID: String]>([:]), refused = Locked<[EnqueueError]>([]), isOver = Locked(false)
        try await TestSupport.withClient(try await PrivateRedis.shared().configuration) { redis in
            try await withClient(redis, bench.postgres.configuration, patience: .milliseconds(500)) { client, _ in
                async let flood: Void = flood(client, acknowledged, refused, until: isOver)
                try await eventually("many are accepted") { acknowledged.value.count > 500 }
                #expect(try await client.probe([Self.queue]) == [:])
                await postgres.kill()
                try await eventually("the others are told so") { refused.value.count > 20 }
                let away = await #expect(throws: StoreError.self) { try await client.probe([Self.queue]) }
                #expect(away?.message.hasPrefix("the ledger: ") == true)
                let before = acknowledged.value.count
                try await postgres.start()
                try await eventually("it goes on by itself") { acknowledged.value.count > before + 100 }
                isOver.value = true
                await flood
            }
        }
        let rows = try await pending(bench)
        #expect(acknowledged.value.allSatisfy { rows["\($0)"] == $1 })
        #expect(
            refused.value.allSatisfy {
                switch $0 {
                case .unavailable, .uncertain: true
                case .full, .conflict: false
                }
            })
    }

    @Test func aFrozenPostgresKeepsNobodyWaitingForLong() async throws {
        let postgres = try await PrivatePostgres()
        let bench = try await LedgerBench(postgres)
        let keys = freshKeys()
        try await TestSupport.withClient(try await PrivateRedis.shared().configuration) { redis in
            try await withClient(redis, bench.postgres.configuration, keys: keys) { client, store in
                _ = try await client.enqueue(message(1))
                postgres.freeze()
                let job = message(2)
                // Until it is thawed nothing answers: that it ends at all is what the time-outs do.
                let error = await #expect(throws: EnqueueError.self) { try await client.enqueue(job) }
                if case .unavailable? = error {} else { Issue.record("\(String(describing: error))") }
                postgres.thaw()
                #expect(try await client.record(of: job.id) == nil)
                let rows = try await pending(bench)
                #expect(rows["\(job.id)"] == nil)
            }
        }
    }

    @Test func whatRedisRefusesIsTakenOutAgain() async throws {
        let bench = try await LedgerBench()
        try await TestSupport.withClient(try await PrivateRedis.shared().configuration) { redis in
            try await withClient(redis, bench.postgres.configuration, limits: QueueLimits(maximumDepth: 3)) {
                client, _ in
                let results = await client.enqueue((0..<10).map { message($0) })
                let accepted = results.compactMap { try? $0.get().id }.sorted { $0.precedes($1) }
                try #require(accepted.count == 3)
                try await eventually("the others are gone") {
                    try await Set(pending(bench).keys) == Set(accepted.map { "\($0)" })
                }
                let line = try #require(try await bench.rows(of: "conversations").first)
                #expect(line.contains("\(accepted[0]),\(accepted[2])"), "\(line)")
            }
        }
    }

    @Test func withNothingLeftTheConversationGoesToo() async throws {
        let bench = try await LedgerBench()
        try await TestSupport.withClient(try await PrivateRedis.shared().configuration) { redis in
            try await withClient(redis, bench.postgres.configuration, limits: QueueLimits(maximumDepth: 0)) {
                client, _ in
                for result in await client.enqueue([message(1), message(2)]) {
                    if case .failure(.full) = result {} else { Issue.record("\(result)") }
                }
                try await eventually("nothing is left") { try await bench.everything().isEmpty }
            }
        }
    }

    @Test func whatAnEarlierCallRecordedStays() async throws {
        let bench = try await LedgerBench()
        let postgres = bench.postgres
        let journal = AcceptanceJournal(postgres: postgres, logger: .quiet)
        let (twice, known, once) = (message(1), message(2), message(3))
        _ = await journal.record([twice, known, once])
        var event = JobEvent(
            "retrying", known.id, queue: "message_queue:sms", at: Moment(known.id.milliseconds), attempt: 1)
        (event.deliveries, event.error) = (1, "busy")
        try await LedgerWriter(postgres: postgres).write(
            LedgerBatch([LedgerEvent(EventID(milliseconds: 5), .job(event, payload: nil))]))
        try await eventually("a later call records it") {
            _ = await journal.record([twice])
            return try await postgres.perform {
                try $0.query(
                    "SELECT FROM messages WHERE id = $1 AND updated_at > accepted_at", [.uuid(PostgresUUID(twice.id))]
                ).count == 1
            }
        }
        await journal.withdraw([twice.id, known.id, once.id], because: "full")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await journal.run() }
            try await eventually("one is gone") { try await bench.rows(of: "messages").count == 2 }
            group.cancelAll()
        }
        let left = try await bench.rows(of: "messages")
        #expect(left.allSatisfy { !$0.contains("\(once.id)") })
    }

    /// What comes later with the event changes nothing but the moments.
    @Test func theRowsAreThoseOfTheEvent() async throws {
        let first = try await LedgerBench(), second = try await LedgerBench()
        var job = message(1, start: .after(.seconds(60)))
        job.payload = ByteBuffer(string: #"{"from":"+15550001111","to":"+15550002222","tenant":"acme"}"#)
        let journal = AcceptanceJournal(postgres: first.postgres, logger: .quiet)
        let results = await journal.record([job, message(2, queue: JobQueue("reports"))])
        #expect(results.allSatisfy { if case .success = $0 { true } else { false } })
        let at = job.id.milliseconds
        var event = JobEvent("accepted", job.id, queue: "message_queue:sms", at: Moment(at), attempt: 1)
        (event.kind, event.lane, event.due) = ("sms", .normal, Moment(at + 60_000))
        let accepted = LedgerEvent(EventID(milliseconds: 5), .job(event, payload: job.payload))
        try await LedgerWriter(postgres: second.postgres).write(LedgerBatch([accepted]))
        let columns =
            "id, direction, channel, status, sender, recipient, conversation, content::text, priority, tenant, attempts"
        func row(_ bench: LedgerBench) async throws -> [String] {
            try await bench.postgres.perform {
                try $0.query(PostgresQuery("SELECT (\(columns))::text AS line FROM messages")).map {
                    try $0.text("line")
                }
            }
        }
        #expect(try await row(first) == row(second))
        #expect(try await first.rows(of: "conversations") == second.rows(of: "conversations"))
    }

    @Test func aMessageThatTheLedgerCannotKeepHoldsUpNoOther() async throws {
        let bench = try await LedgerBench()
        let journal = AcceptanceJournal(postgres: bench.postgres, logger: .quiet)
        var bad = message(1), long = message(2)
        bad.payload = ByteBuffer(string: "no JSON")
        // Longer than an entry of an index may be, and not to be compressed.
        let address = (0..<6000).map { _ in String(Int.random(in: 0..<36), radix: 36) }.joined()
        long.payload = ByteBuffer(string: #"{"from":"a","to":"\#(address)","body":"b"}"#)
        let results = await journal.record([bad, message(3), long, message(4)])
        let failed = results.indices.filter { if case .failure(.unavailable) = results[$0] { true } else { false } }
        #expect(failed == [0, 2])
        #expect(try await bench.rows(of: "messages").count == 2)
    }
}
