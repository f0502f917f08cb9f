import Logging
import Redis

/// Takes over what other workers left: at short intervals what was handed back, and once in a quarter of a lease what
/// has shown no sign of life. The scan for that keeps its place in the pending list from call to call: from the start
/// each time, whatever lies behind the first page would never be reached.
struct Reclaimer {
    private let scope: QueueScope
    private var cursor = "0-0"
    private var nextLook = ContinuousClock.now
    private var nextScan = ContinuousClock.now

    init(scope: QueueScope) { self.scope = scope }

    /// How long until the next look is due; zero or less when it is.
    var wait: Duration { min(nextLook, nextScan) - .now }

    /// Puts the next scan off, because Redis was away: live workers get the time to renew their leases first.
    mutating func postpone() { nextScan = max(nextScan, .now + scope.options.lease / 3) }

    /// Claims up to `limit` entries.
    mutating func claim(_ limit: Int) async throws(RedisError) -> [RedisEntry] {
        let scans = nextScan <= .now
        var call = ScriptCall(Scripts.reclaim)
        call.key(scope.stream)
        call.argument(KeySpace.group)
        call.argument(scope.consumer)
        call.argument(scope.options.lease.milliseconds)
        call.argument(scans ? cursor : "")
        call.argument(limit)
        let reply = try await scope.redis.run(call)
        guard let parts = reply.array, parts.count == 4, let next = parts[0].string, let entries = parts[1].array,
            let deliveries = parts[2].array, let deleted = parts[3].array
        else { throw .unexpected(reply, of: "reclaim.lua") }
        nextLook = .now + min(scope.options.lease / 4, .seconds(1))
        if scans {
            cursor = next
            // Where the scan has more to see it goes on at once; workers that started together drift apart.
            if next == "0-0" { nextScan = .now + scope.options.lease / 4 * Double.random(in: 0.75...1) }
        }
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
