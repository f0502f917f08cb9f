import Logging
import Metrics

/// Renews the lease of what has been in flight for longer than a third of it, many entries in one call. An entry that
/// turns out to be another worker's has its attempt cancelled.
struct LeaseKeeper: Sendable {
    let scope: QueueScope

    func run() async {
        while (try? await scope.clock.sleep(for: scope.options.lease / 6)) != nil { await renew() }
    }

    private func renew() async {
        let now = scope.clock.now
        let aged = scope.inFlight.held(leasedBefore: now - scope.options.lease / 3)
        for lane in Lane.allCases {
            let entries = aged.filter { $0.entry.lane == lane }
            let size = min(scope.options.settleBatch, 1000)
            for start in stride(from: 0, to: entries.count, by: size) {
                await renew(Array(entries[start..<min(start + size, entries.count)]), of: lane, at: now)
            }
        }
    }

    private func renew(_ held: [Held], of lane: Lane, at now: Duration) async {
        do {
            let kept = try await scope.store.extend(held, of: scope.queue, lane: lane, consumer: scope.consumer)
            for (entry, isKept) in zip(held, kept) {
                if isKept {
                    scope.inFlight.leased(entry.entry, at: now)
                    scope.metrics.leasesExtended.increment()
                } else if scope.inFlight.deliveries(of: entry.entry) == entry.deliveries {
                    // Neither settled meanwhile, nor delivered to this worker anew.
                    lost(entry.entry)
                }
            }
        } catch {
            guard !Task.isCancelled else { return }
            // The next round tries again: there are several in a lease.
            scope.logger.warning(
                "Leases could not be renewed", metadata: ["queue": "\(scope.queue.name)", "error": "\(error)"])
        }
    }

    private func lost(_ entry: Entry) {
        scope.metrics.leasesLost.increment()
        scope.logger.warning("A lease was lost", metadata: ["queue": "\(scope.queue.name)", "entry": "\(entry)"])
        scope.inFlight.cancel(entry)
    }
}
