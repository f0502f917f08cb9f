public import Logging
public import Redis

/// Watches what happens to the jobs of tracked queues, from now on. Any number may watch; while nobody does, nothing is
/// written for them.
///
/// It is a view, not a record: who reads more slowly than a thousand events behind misses some.
public struct EventTail: Sendable {
    private let store: RedisStore
    private let logger: Logger

    /// How long scripts go on writing events after the last sign of a watcher.
    private static let life: Duration = .seconds(10)
    /// How long a read waits; before each the sign is renewed.
    private static let wait: Duration = .seconds(3)
    private static let page = 1000

    /// - Parameter redis: must be running.
    public init(redis: RedisClient, keys: KeySpace = KeySpace(), logger: Logger) {
        store = RedisStore(redis: redis, keys: keys)
        self.logger = logger
    }

    /// Calls `body` with what happens, in order, until the task is cancelled or `body` throws. When Redis goes away it
    /// goes on as soon as that is back.
    ///
    /// - Throws: ``StoreError`` when Redis cannot be reached in the first place; what `body` throws.
    public func follow(_ body: ([JobEvent]) async throws -> Void) async throws {
        var last = try await watch()
        var backoff = Backoff()
        var connection: RedisConnection?
        do {
            while !Task.isCancelled {
                let events = await next(&connection, from: &last, &backoff)
                if !events.isEmpty { try await body(events) }
            }
        } catch {
            await connection?.close()
            throw error
        }
        await connection?.close()
    }

    private func next(
        _ connection: inout RedisConnection?, from last: inout String, _ backoff: inout Backoff
    ) async -> [JobEvent] {
        do throws(StoreError) {
            _ = try await watch()
            let open = if let connection { connection } else { try await connect() }
            connection = open
            let events = try await read(open, from: &last)
            backoff.reset()
            return events
        } catch {
            await connection?.close()
            connection = nil
            guard !Task.isCancelled else { return [] }
            logger.warning("Watching broke off and will go on", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: backoff.next())
            return []
        }
    }

    /// Keeps the events coming.
    ///
    /// - Returns: the id of the last one so far.
    private func watch() async throws(StoreError) -> String {
        var call = ScriptCall(Scripts.watch)
        call.key(store.keys.tail)
        call.argument(Self.life.milliseconds)
        let reply = try await store.run(call)
        guard let last = reply.string else { throw .unexpected(reply, of: "watch.lua") }
        return last
    }

    private func connect() async throws(StoreError) -> RedisConnection {
        do { return try await store.redis.makeConnection(name: "posthaste-tail") } catch { throw StoreError(error) }
    }

    private func read(_ connection: RedisConnection, from last: inout String) async throws(StoreError) -> [JobEvent] {
        let command = RedisCommand(
            "XREAD", "COUNT", "\(Self.page)", "BLOCK", "\(Self.wait.milliseconds)", "STREAMS", store.keys.tail, last)
        let reply: RedisValue
        do { reply = try await connection.sendBlocking(command, block: Self.wait) } catch { throw StoreError(error) }
        guard let entries = reply.array?.first?.array?.last?.array else { return [] }
        if let id = entries.last?.array?.first?.string { last = id }
        return entries.compactMap { $0.array?.last?.map.flatMap(JobEvent.init) }
    }
}
