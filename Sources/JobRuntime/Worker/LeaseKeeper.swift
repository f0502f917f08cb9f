import Logging
import Redis

/// Renews the lease of what has been in flight for longer than a third of it, many entries in one call. An entry that
/// turns out to be another worker's has its attempt cancelled.
struct LeaseKeeper: Sendable {
    let scope: QueueScope

    func run() async {
        while (try? await Task.sleep(for: scope.options.lease / 6)) != nil { await renew() }
    }

    private func renew() async {
        let now = ContinuousClock.now
        let aged = scope.inFlight.entries(leasedBefore: now - scope.options.lease / 3)
        let size = scope.options.settleBatch
        for start in stride(from: 0, to: aged.count, by: size) {
            let chunk = aged[start..<min(start + size, aged.count)]
            do {
                let answers = try await scope.redis.run(scope.call(Scripts.extend, chunk)).array ?? []
                for ((entry, deliveries), answer) in zip(chunk, answers) {
                    if answer.int == 1 {
                        scope.inFlight.leased(entry, at: now)
                    } else if scope.inFlight.deliveries(of: entry) == deliveries {
                        // Neither settled meanwhile, nor delivered to this worker anew.
                        lost(entry)
                    }
                }
            } catch {
                guard !Task.isCancelled else { return }
                // The next round tries again: there are several in a lease.
                scope.logger.warning(
                    "Leases could not be renewed", metadata: ["queue": "\(scope.queue.name)", "error": "\(error)"])
            }
        }
    }

    private func lost(_ entry: EntryID) {
        scope.logger.warning("A lease was lost", metadata: ["queue": "\(scope.queue.name)", "entry": "\(entry)"])
        scope.inFlight.cancel(entry)
    }
}
