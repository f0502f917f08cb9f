public import Redis
import Synchronization

/// How jobs are kept in Redis. The same in every process that shares the queues.
public struct RedisStoreOptions: Sendable {
    /// How long the record of a job stands after its end.
    public var recordTTL: Duration = .seconds(3600)

    /// Whether a ledger reads the events; without one they are not written, so that they never pile up.
    public var keepsEvents = false

    /// How many replicas must have a job before it counts as enqueued; 0: none is waited for. Where too few have it in
    /// time, ``EnqueueError/uncertain(_:_:)`` says so.
    public var replicas = 0

    /// How long the replicas are waited for at a time; ``JobClient`` asks again for as long as its patience lasts.
    public var replicationTimeout: Duration = .seconds(1)

    public init() {}
}

extension JobStore {
    /// Keeps jobs in Redis Streams.
    ///
    /// - Parameter redis: must be running, and be stopped after everything that uses the store.
    public static func redis(
        _ redis: RedisClient, keys: KeySpace = KeySpace(), options: RedisStoreOptions = RedisStoreOptions()
    ) -> JobStore {
        JobStore(RedisStore(redis: redis, keys: keys, options: options))
    }
}

/// The store in Redis: each call is one script, or one command.
final class RedisStore: Storage {
    let redis: RedisClient
    let keys: KeySpace
    let options: RedisStoreOptions
    /// Where jobs are enqueued that replicas must have; nil: on the lane that carries everything.
    let replicated: ReplicatedLane?
    /// The queues that are known to be registered.
    private let registered = Mutex<Set<JobQueue>>([])

    init(redis: RedisClient, keys: KeySpace, options: RedisStoreOptions = RedisStoreOptions()) {
        self.redis = redis
        self.keys = keys
        self.options = options
        replicated =
            options.replicas > 0
            ? ReplicatedLane(
                redis, replicas: options.replicas, timeout: options.replicationTimeout, mark: keys.replicationMark)
            : nil
    }

    func send(_ command: RedisCommand) async throws(StoreError) -> RedisValue { try await reply(to: command).value }

    /// As ``send(_:)``, for a reply of many elements.
    func reply(to command: RedisCommand) async throws(StoreError) -> RedisReply {
        do { return try await redis.reply(to: command) } catch { throw StoreError(error) }
    }

    func run(_ call: ScriptCall) async throws(StoreError) -> RedisValue { try await reply(to: call).value }

    /// As ``run(_:)``, for a reply of many elements.
    func reply(to call: ScriptCall) async throws(StoreError) -> RedisReply {
        do { return try await redis.reply(to: call) } catch { throw StoreError(error) }
    }

    func hold() { redis.hold() }

    func release() { redis.release() }

    func now() async throws(StoreError) -> Int64 {
        let time = try await send(RedisCommand("TIME")).array ?? []
        return (time.first?.int ?? 0) * 1000 + (time.last?.int ?? 0) / 1000
    }

    /// Makes the queue known by name, once in the life of this process: nobody ever searches the keys for queues.
    func register(_ queue: JobQueue) async throws(StoreError) {
        guard !registered.withLock({ $0.contains(queue) }) else { return }
        var call = ScriptCall(Scripts.register)
        call.key(keys.queues)
        call.words(queue.name, queue.trackedWord)
        _ = try await run(call)
        _ = registered.withLock { $0.insert(queue) }
    }
}

extension JobQueue {
    /// As the hash of all queues has it.
    var trackedWord: String { isTracked ? "tracked" : "untracked" }
}

extension ScriptCall {
    /// The streams of a queue: high, normal, low.
    mutating func keys(ofLanes queue: String, _ keys: KeySpace) {
        for lane in Lane.allCases { key(keys.stream(queue, lane)) }
    }

    mutating func flag(_ flag: Bool) { argument(flag ? "1" : "0") }
}

extension StoreError {
    package init(_ error: RedisError) {
        self.init(Self.code(of: error), "\(error)", mayHaveRun: error.mayHaveRun)
    }

    private static func code(of error: RedisError) -> Code {
        switch error.serverCode {
        case "NOGROUP"?: .noGroup
        case "LOADING"?, "BUSY"?, "READONLY"?, "MASTERDOWN"?, "NOREPLICAS"?, "MISCONF"?, "OOM"?, "TRYAGAIN"?,
            "CLUSTERDOWN"?:
            .busy
        case .some: .refused
        case nil: .unavailable
        }
    }

    static func unexpected(_ reply: RedisValue, of what: String) -> StoreError {
        StoreError(RedisError.unexpected(reply, of: what))
    }
}
