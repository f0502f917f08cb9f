import Logging
import Metrics

/// Takes over what other workers left: at short intervals what was handed back, and once in a quarter of a lease what
/// has shown no sign of life. The scan for that keeps its place in the pending lists from call to call: from the start
/// each time, whatever lies behind the first page would never be reached.
struct Reclaimer {
    private let scope: QueueScope
    private var cursors: [Lane: String] = [:]
    private var nextLook: Duration
    private var nextScan: Duration

    init(scope: QueueScope) {
        self.scope = scope
        (nextLook, nextScan) = (scope.clock.now, scope.clock.now)
    }

    /// How long until the next look is due; zero or less when it is.
    var wait: Duration { min(nextLook, nextScan) - scope.clock.now }

    /// Puts the next scan off, because the store was away until now: live workers get the time to renew their leases.
    mutating func postpone() { nextScan = max(nextScan, scope.clock.now + scope.options.lease / 3) }

    /// Makes the next look due: what this worker has handed back, for want of a slot, is for the next free slot.
    mutating func hasten() { nextLook = scope.clock.now }

    /// Claims up to `limit` entries.
    ///
    /// - Returns: nil when the queue is paused.
    mutating func claim(_ limit: Int) async throws(StoreError) -> [Delivered]? {
        let now = scope.clock.now
        let scans = nextScan <= now
        let claim = Claim(most: limit, lease: scope.options.lease, cursors: scans ? cursors : nil)
        let reclaimed = try await scope.store.reclaim(claim, of: scope.queue, consumer: scope.consumer)
        // What fills all that is free may not be all: the next free slot is for the rest.
        let isFull = reclaimed.delivered.count >= limit
        nextLook = isFull ? now : now + min(scope.options.lease / 4, .seconds(1))
        if reclaimed.isPaused {
            nextScan = max(nextScan, nextLook)
            return nil
        }
        if scans {
            cursors = reclaimed.cursors
            // Where the scan has more to see it goes on at once; workers that started together drift apart.
            if cursors.isEmpty { nextScan = now + scope.options.lease / 4 * Double.random(in: 0.75...1) }
        }
        if !reclaimed.deleted.isEmpty {
            scope.logger.critical(
                "Entries were deleted from the stream while pending: their jobs are lost",
                metadata: ["queue": "\(scope.queue.name)", "entries": "\(reclaimed.deleted)"])
        }
        scope.counters.add { $0.reclaimed += reclaimed.delivered.count }
        scope.metrics.reclaimed.increment(by: reclaimed.delivered.count)
        return reclaimed.delivered
    }
}
