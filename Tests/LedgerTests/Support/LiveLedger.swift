import JobRuntime
import NIOCore
import Postgres
import Redis
import ServiceLifecycle
import TestSupport

@testable import Ledger

/// A store that keeps events, a database, and as many projectors between them as a test wants.
struct LiveLedger: Sendable {
    let bench: LedgerBench
    let redis: RedisClient
    let keys: KeySpace
    let jobs: JobClient
    let queue = JobQueue("message_queue:sms")

    func group(_ name: String = "\(JobID())") -> EventGroup {
        EventGroup(redis: redis, keys: keys, consumer: name, logger: .quiet)
    }

    func projector(_ name: String = "\(JobID())") -> LedgerProjector {
        LedgerProjector(events: group(name), postgres: bench.postgres, logger: .quiet)
    }

    /// Runs projectors beside a body, which are then told to stop as a process tells them.
    func projecting(_ count: Int = 1, _ body: () async throws -> Void) async throws {
        let services = (0..<count).map { _ in projector() }
        let group = ServiceGroup(services: services, logger: .quiet)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
            } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Accepts messages, as the ingress does.
    @discardableResult
    func accept(_ count: Int, body: String = "Hi") async throws -> [JobID] {
        let payload = ByteBuffer(string: #"{"from":"+15550001","to":"+15550002","body":"\#(body)"}"#)
        let results = await jobs.enqueue((0..<count).map { _ in NewJob(queue: queue, kind: "sms", payload: payload) })
        return try results.map { try $0.get().id }
    }

    func count(_ table: String, where condition: String = "true") async throws -> Int64 {
        let query = PostgresQuery("SELECT count(*) AS n FROM \(table) WHERE \(condition)")
        return try await bench.postgres.perform { try $0.query(query).first?.int("n") ?? -1 }
    }

    func backlog() async throws -> EventBacklog { try await group().backlog() }
}

func withLiveLedger(
    redis server: PrivateRedis? = nil, postgres: PrivatePostgres? = nil, _ body: (LiveLedger) async throws -> Void
) async throws {
    let server = if let server { server } else { try await PrivateRedis.shared() }
    let bench = try await LedgerBench(postgres)
    try await withClient(server.configuration) { redis in
        let keys = freshKeys()
        var options = RedisStoreOptions()
        options.keepsEvents = true
        let jobs = JobClient(store: .redis(redis, keys: keys, options: options))
        try await body(LiveLedger(bench: bench, redis: redis, keys: keys, jobs: jobs))
    }
}
