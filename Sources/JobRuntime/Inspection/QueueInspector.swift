public import Redis

/// Looks at queues without touching them: XLEN, XPENDING, XINFO, never a scan of the keys.
public struct QueueInspector: Sendable {
    private let redis: RedisClient
    private let keys: KeySpace

    /// The most pending entries looked at of one consumer.
    private static let page = 1000

    public init(redis: RedisClient, keys: KeySpace = KeySpace()) {
        self.redis = redis
        self.keys = keys
    }

    /// The queue's depth and who holds what of it. A queue that nobody has used yet is empty.
    public func pending(of queue: String) async throws(RedisError) -> QueuePending {
        let stream = keys.stream(queue)
        let length = try await redis.send(RedisCommand("XLEN", stream)).int ?? 0
        let retrying = try await redis.send(RedisCommand("ZCARD", keys.retry(queue))).int ?? 0
        let dead = try await redis.send(RedisCommand("XLEN", keys.dead(queue))).int ?? 0
        let consumers = try await consumers(of: stream)
        let pending = consumers.reduce(0) { $0 + $1.pending }
        return QueuePending(
            queue: queue, depth: max(0, Int(length) - pending), pending: pending, retrying: Int(retrying),
            dead: Int(dead), oldestAge: try await oldestAge(of: stream),
            consumers: consumers.sorted { ($0.idle ?? -1, $1.name) > ($1.idle ?? -1, $0.name) })
    }

    private func oldestAge(of stream: String) async throws(RedisError) -> Int64? {
        let entries = try await redis.send(RedisCommand("XRANGE", stream, "-", "+", "COUNT", "1")).array ?? []
        guard let entry = entries.first?.array?.first?.bytes.flatMap(EntryID.init) else { return nil }
        let time = try await redis.send(RedisCommand("TIME")).array ?? []
        return (time.first?.int ?? 0) * 1000 + (time.last?.int ?? 0) / 1000 - Int64(entry.milliseconds)
    }

    private func consumers(of stream: String) async throws(RedisError) -> [ConsumerPending] {
        let reply: RedisValue
        do {
            reply = try await redis.send(RedisCommand("XINFO", "CONSUMERS", stream, KeySpace.group))
        } catch let error where error.code == .refused {
            return []  // No stream, or no group, yet.
        }
        var consumers: [ConsumerPending] = []
        for fields in reply.array?.compactMap(\.map) ?? [] {
            guard let name = fields["name"]?.string, let pending = fields["pending"]?.int else { continue }
            // Nobody, who keeps what was handed back until it is taken.
            if name == KeySpace.released, pending == 0 { continue }
            consumers.append(try await consumer(name, pending: Int(pending), stream: stream))
        }
        return consumers
    }

    private func consumer(
        _ name: String, pending: Int, stream: String
    ) async throws(RedisError) -> ConsumerPending {
        let alive = try await redis.send(RedisCommand("EXISTS", keys.worker(name))).int == 1
        var consumer = ConsumerPending(name: name, pending: pending, idle: nil, deliveries: nil, isAlive: alive)
        guard pending > 0 else { return consumer }
        let rows = try await redis.send(
            RedisCommand("XPENDING", stream, KeySpace.group, "-", "+", String(Self.page), name))
        for row in rows.array?.compactMap(\.array) ?? [] where row.count == 4 {
            consumer.idle = max(consumer.idle ?? 0, row[2].int ?? 0)
            consumer.deliveries = max(consumer.deliveries ?? 0, Int(row[3].int ?? 0))
        }
        return consumer
    }
}
