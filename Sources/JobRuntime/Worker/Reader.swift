import Logging
import Redis
import Synchronization

/// Fills the free slots of one queue: first with what other workers left behind, then with what is new. It never asks
/// for more than there are free slots, so that nothing waits in a worker that another could run.
final class Reader: Sendable {
    private let scope: QueueScope
    private let start: @Sendable (Delivered) -> Void
    private let handBack: @Sendable (Delivered) async -> Void
    /// The connection that may be blocked in a read, by the server's number for it.
    private let clientID = Mutex<Int64?>(nil)
    private let ended = Atomic(false)

    /// The most entries of one reply, however many slots are free.
    private static let page = 500

    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// - Parameters:
    ///   - start: begins to run an entry that has been taken in.
    ///   - handBack: gives back an entry that came when the worker had been told to stop.
    init(
        scope: QueueScope, start: @escaping @Sendable (Delivered) -> Void,
        handBack: @escaping @Sendable (Delivered) async -> Void
    ) {
        self.scope = scope
        self.start = start
        self.handBack = handBack
    }

    /// Reads until the in-flight table is closed, whatever happens to Redis meanwhile.
    func run() async {
        defer { ended.store(true, ordering: .releasing) }
        var backoff = Backoff()
        var reclaimer = Reclaimer(scope: scope)
        while !scope.inFlight.isClosed {
            do {
                let connection = try await scope.redis.makeConnection(name: scope.consumer)
                do {
                    defer { reclaimer.postpone() }
                    try await follow(connection, &reclaimer) { backoff.reset() }
                } catch {
                    await connection.close()
                    throw error
                }
                await connection.close()
            } catch {
                guard !Task.isCancelled else { return }
                scope.logger.warning(
                    "Reading failed and will go on", metadata: ["queue": "\(scope.queue.name)", "error": "\(error)"])
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    /// Ends a read that blocks. What it was about to return is returned, so nothing is lost on the way.
    func unblock() async {
        guard let id = clientID.withLock({ $0 }) else { return }
        _ = try? await scope.redis.send(RedisCommand("CLIENT", "UNBLOCK", String(id)))
    }

    private func follow(
        _ connection: RedisConnection, _ reclaimer: inout Reclaimer, succeeded: () -> Void
    ) async throws(RedisError) {
        let id = try await connection.send(RedisCommand("CLIENT", "ID"))
        clientID.withLock { $0 = id.int }
        defer { clientID.withLock { $0 = nil } }
        try await scope.makeGroup()
        while true {
            var free = min(await scope.inFlight.freeSlots(), Self.page)
            guard free > 0 else { return }
            if reclaimer.wait <= .zero {
                let claimed = try await reclaimer.claim(free)
                await take(claimed)
                free -= claimed.count
            }
            if free > 0 { await take(try await read(free, connection, block: reclaimer.wait)) }
            succeeded()
        }
    }

    private func read(
        _ count: Int, _ connection: RedisConnection, block: Duration
    ) async throws(RedisError) -> [RedisEntry] {
        let block = max(.milliseconds(1), block)
        var command = RedisCommand("XREADGROUP", "GROUP", KeySpace.group, scope.consumer, "COUNT")
        command.append(count)
        command.append("BLOCK")
        command.append(block.milliseconds)
        command.append("STREAMS")
        command.append(scope.stream)
        command.append(">")
        let reply = try await connection.sendBlocking(command, block: block)
        // [[stream, entries]], null when the time was up, and on some servers an empty list when woken for nothing.
        guard let streams = reply.array else { throw .unexpected(reply, of: "XREADGROUP") }
        guard let entries = streams.first?.array?.last?.array else { return [] }
        return entries.map { RedisEntry(value: $0, deliveries: 1) }
    }

    private func take(_ entries: [RedisEntry]) async {
        for entry in entries {
            guard
                let delivered = Delivered(entry.value, deliveries: entry.deliveries)
                    ?? .foreign(entry.value, deliveries: entry.deliveries)
            else { continue }
            guard scope.inFlight.begin(delivered) else { continue }
            if scope.inFlight.isClosed {
                scope.inFlight.end(delivered.entry)
                await handBack(delivered)
            } else {
                start(delivered)
            }
        }
    }
}
