public import Logging
public import Redis
import Synchronization

/// One consumer of the stream of events, in the group of the ledger.
///
/// An event is in the stream until it is acknowledged, and is read by one consumer at a time; a consumer that dies leaves
/// what it has read to those that ``claim(idle:count:)``. So every event comes at least once, and in no certain order.
public final class EventGroup: Sendable {
    /// Its name in the group; the worker's, whose heartbeat says whether it lives.
    public let consumer: String
    let store: RedisStore
    let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var connection: (RedisConnection, clientID: Int64?)?
        /// Where the last look at what others hold has ended. From the start each time, the tail would never be reached.
        var cursor = EventGroup.start
    }

    private static let start = "0-0"
    /// How many words one call of a script is given.
    private static let page = 1000

    /// - Parameters:
    ///   - redis: must be running.
    ///   - consumer: a name that was never used before.
    public init(redis: RedisClient, keys: KeySpace = KeySpace(), consumer: String, logger: Logger) {
        store = RedisStore(redis: redis, keys: keys)
        self.consumer = consumer
        self.logger = logger
    }

    /// Reads events that nobody has read yet. One read at a time.
    ///
    /// When the group is missing it is made, from the first event on. A read that is cancelled, or fails, may have been
    /// given events: those wait until they are claimed.
    ///
    /// - Parameters:
    ///   - count: at most so many. They come whole, with payloads, in one piece of memory.
    ///   - wait: how long to wait for the first; zero: not at all.
    public func read(count: Int, wait: Duration) async throws(StoreError) -> [LedgerEvent] {
        do throws(RedisError) {
            return try await readOnce(count: count, wait: wait)
        } catch let error where error.isMissingGroup {
            logger.notice("Making the group of the ledger", metadata: ["because": "\(error.message)"])
            try await makeGroup()
            do { return try await readOnce(count: count, wait: .zero) } catch { throw StoreError(error) }
        } catch {
            throw StoreError(error)
        }
    }

    /// Takes over events that another consumer, or this one, has read and not acknowledged; a page of them: call it again
    /// and again.
    ///
    /// - Parameter idle: how long ago they were read, at least.
    public func claim(idle: Duration, count: Int) async throws(StoreError) -> [LedgerEvent] {
        let command = RedisCommand(
            "XAUTOCLAIM", store.keys.events, KeySpace.ledger, consumer, "\(idle.milliseconds)",
            state.withLock { $0.cursor }, "COUNT", "\(count)")
        let reply: RedisReply
        do {
            reply = try await store.reply(to: command)
        } catch let error where error.code == .noGroup {
            state.withLock { $0.cursor = Self.start }
            return []
        }
        guard let claim = reply.read({ EventClaim(&$0) }) else { throw .unexpected(reply.value, of: "XAUTOCLAIM") }
        state.withLock { $0.cursor = claim.cursor }
        if !claim.deleted.isEmpty {
            logger.error(
                "Events were deleted before they were kept: the ledger lacks them",
                metadata: ["events": "\(claim.deleted)"])
        }
        return claim.events
    }

    /// Takes kept events out of the stream, whoever has read them: what is kept needs nobody any more.
    public func acknowledge(_ events: some Sequence<EventID>) async throws(StoreError) {
        let events = Array(events)
        for begin in stride(from: 0, to: events.count, by: Self.page) {
            var call = ScriptCall(Scripts.acknowledge)
            call.key(store.keys.events)
            call.argument(KeySpace.ledger)
            for event in events[begin..<min(begin + Self.page, events.count)] { call.argument(event.entry) }
            _ = try await store.run(call)
        }
    }

    /// Ends a read that waits; it returns what it was about to return.
    public func unblock() async {
        guard let id = state.withLock({ $0.connection?.clientID }) else { return }
        _ = try? await store.send(RedisCommand("CLIENT", "UNBLOCK", String(id)))
    }

    /// Closes the connection, once nobody reads any more.
    public func close() async { await takeConnection()?.close() }

    /// Leaves the group, once nobody reads any more: the consumer goes unless it holds something.
    public func leave() async {
        await close()
        do {
            _ = try await store.leaveLedger(consumer, heartbeat: nil)
        } catch {
            logger.warning("The ledger's group was not left", metadata: ["error": "\(error)"])
        }
    }
}

extension EventGroup {
    private func readOnce(count: Int, wait: Duration) async throws(RedisError) -> [LedgerEvent] {
        var command = RedisCommand("XREADGROUP", "GROUP", KeySpace.ledger, consumer, "COUNT", "\(count)")
        if wait > .zero {
            command.append("BLOCK")
            command.append(max(1, wait.milliseconds))
        }
        command.append("STREAMS")
        command.append(store.keys.events)
        command.append(">")
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await connection().replyBlocking(to: command, block: wait)
        } catch {
            // A read that was given up may still be given events: not behind the next one's back.
            if !error.isMissingGroup { await close() }
            throw error
        }
        let events: [LedgerEvent]? = reply.read { cursor in
            guard let streams = cursor.array() else { return nil }
            guard streams > 0 else { return [] }
            guard cursor.array() == 2, cursor.text() != nil else { return nil }
            return LedgerEvent.list(&cursor)
        }
        guard let events else { throw .unexpected(reply.value, of: "XREADGROUP") }
        return events
    }

    private func connection() async throws(RedisError) -> RedisConnection {
        if let open = state.withLock({ $0.connection?.0 }) { return open }
        let connection = try await store.redis.makeConnection(name: consumer)
        do throws(RedisError) {
            let id = try await connection.send(RedisCommand("CLIENT", "ID")).int
            state.withLock { $0.connection = (connection, id) }
            return connection
        } catch {
            await connection.close()
            throw error
        }
    }

    private func takeConnection() -> RedisConnection? {
        state.withLock { state in
            defer { state.connection = nil }
            return state.connection?.0
        }
    }

    /// By a script, because it must be made when Redis is at `maxmemory` as well: reading the events frees memory.
    private func makeGroup() async throws(StoreError) {
        var call = ScriptCall(Scripts.group)
        call.key(store.keys.events)
        call.argument(KeySpace.ledger)
        _ = try await store.run(call)
    }
}

/// What XAUTOCLAIM answers.
private struct EventClaim {
    let cursor: String
    let events: [LedgerEvent]
    let deleted: [String]

    /// - Returns: nil when it is something else.
    init?(_ reply: inout RedisReply.Cursor) {
        guard reply.array() == 3, let cursor = reply.string(), let events = LedgerEvent.list(&reply),
            let deleted = reply.array()
        else { return nil }
        self.cursor = cursor
        self.events = events
        self.deleted = (0..<deleted).compactMap { _ in reply.string() }
    }
}

extension RedisError {
    /// There is no group, or it went with the stream while the read waited.
    fileprivate var isMissingGroup: Bool { serverCode == "NOGROUP" || serverCode == "UNBLOCKED" }
}
