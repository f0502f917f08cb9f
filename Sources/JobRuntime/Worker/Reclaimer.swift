import Logging
import Redis

/// Takes over entries whose worker shows no sign of life. It keeps its place in the pending list from call to call:
/// from the start each time, whatever lies behind the first page would never be reached.
struct Reclaimer {
    private let scope: QueueScope
    private var cursor = "0-0"
    private var nextPass = ContinuousClock.now

    init(scope: QueueScope) { self.scope = scope }

    /// How long until the next pass is due; zero or less when it is.
    var wait: Duration { nextPass - .now }

    /// Claims up to `limit` entries whose lease has run out.
    mutating func claim(_ limit: Int) async throws(RedisError) -> [RedisEntry] {
        var call = ScriptCall(Scripts.reclaim)
        call.key(scope.stream)
        call.argument(KeySpace.group)
        call.argument(scope.consumer)
        call.argument(scope.options.lease.milliseconds)
        call.argument(cursor)
        call.argument(limit)
        let reply = try await scope.redis.run(call)
        guard let parts = reply.array, parts.count == 4, let next = parts[0].string, let entries = parts[1].array,
            let deliveries = parts[2].array, let deleted = parts[3].array
        else { throw .unexpected(reply, of: "reclaim.lua") }
        cursor = next
        // Where the scan has more to see, it goes on with the next free slots; else after the interval.
        if next == "0-0" { nextPass = .now + scope.options.reclaimInterval }
        if !deleted.isEmpty {
            scope.logger.critical(
                "Entries were deleted from the stream while pending: their jobs are lost",
                metadata: ["queue": "\(scope.queue.name)", "entries": "\(deleted.compactMap(\.string))"])
        }
        scope.counters.add(entries.count, to: \.reclaimed)
        return zip(entries, deliveries).map { RedisEntry(value: $0, deliveries: Int($1.int ?? 0)) }
    }
}

/// An entry as Redis gives it, with its delivery count.
struct RedisEntry {
    let value: RedisValue
    let deliveries: Int
}
