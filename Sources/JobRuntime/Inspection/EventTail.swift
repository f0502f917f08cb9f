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
    /// - Parameter begun: called once, when whatever happens from now on will be seen.
    /// - Throws: ``StoreError`` when Redis cannot be reached in the first place; what `body` throws.
    public func follow(begun: () -> Void = {}, _ body: ([JobEvent]) async throws -> Void) async throws {
        try await follow(while: { true }, begun: begun, body)
    }

    /// The same, as long as it is wanted.
    ///
    /// - Parameter isWanted: asked before every read.
    func follow(
        while isWanted: () -> Bool, begun: () -> Void, _ body: ([JobEvent]) async throws -> Void
    ) async throws {
        var state = State(last: try await watch())
        begun()
        do {
            while !Task.isCancelled, isWanted() {
                let events = await next(&state)
                if !events.isEmpty { try await body(events) }
            }
        } catch {
            await state.connection?.close()
            throw error
        }
        await state.connection?.close()
    }

    private struct State {
        /// The id of the last event that was seen.
        var last: String
        var connection: RedisConnection?
        var backoff = Backoff()
        var isBroken = false
    }

    private func next(_ state: inout State) async -> [JobEvent] {
        do throws(StoreError) {
            _ = try await watch()
            let connection = if let open = state.connection { open } else { try await connect() }
            state.connection = connection
            if state.isBroken { logger.notice("Watching goes on") }
            state.isBroken = false
            let events = try await read(connection, from: &state.last)
            state.backoff.reset()
            return events
        } catch {
            await state.connection?.close()
            state.connection = nil
            guard !Task.isCancelled else { return [] }
            if !state.isBroken { logger.warning("Watching broke off", metadata: ["error": "\(error)"]) }
            state.isBroken = true
            try? await Task.sleep(for: state.backoff.next())
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
        let reply: RedisReply
        do {
            reply = try await connection.replyBlocking(to: command, block: Self.wait)
        } catch {
            throw StoreError(error)
        }
        return reply.read { cursor in
            guard let streams = cursor.array(), streams > 0, cursor.array() == 2, cursor.text() != nil else {
                return []
            }
            return (0..<(cursor.array() ?? 0)).compactMap { _ in
                var entry = cursor
                cursor.skip()
                guard entry.array() == 2, let id = entry.string() else { return nil }
                last = id
                return JobEvent(&entry)
            }
        }
    }
}
