import Logging

/// Clears up behind others: removes the consumers that killed workers left, once they hold nothing, and the dead letters
/// that have stood for longer than they are kept.
struct Sweeper: Sendable {
    let scope: QueueScope

    /// Workers that started together do not sweep together.
    private var interval: Duration { scope.options.sweepInterval * Double.random(in: 0.5...1) }

    func run() async {
        while (try? await scope.clock.sleep(for: interval)) != nil {
            do {
                let swept = try await scope.store.sweep(scope.queue)
                if !swept.isEmpty {
                    scope.logger.info(
                        "Removed the consumers of workers that are gone",
                        metadata: ["queue": "\(scope.queue.name)", "consumers": "\(swept)"])
                }
                try await dropOldLetters()
            } catch {
                guard !Task.isCancelled else { return }
                scope.logger.warning(
                    "Sweeping failed", metadata: ["queue": "\(scope.queue.name)", "error": "\(error)"])
            }
        }
    }

    /// Never silently: each is named in the log, has its event, and its record says so.
    private func dropOldLetters() async throws(StoreError) {
        guard let retention = scope.options.deadRetention else { return }
        let queue = scope.queue.name
        while !Task.isCancelled {
            let limit = scope.storeClock.now - retention.milliseconds
            let page = try await scope.store.deadLetters(of: queue, after: nil, limit: 100)
            let old = page.prefix { $0.diedAt < limit }
            guard !old.isEmpty else { return }
            let dropped = zip(old, try await scope.store.drop(Array(old), of: queue)).filter(\.1).map(\.0)
            scope.counters.add { $0.dropped += dropped.count }
            for letter in dropped {
                scope.logger.warning(
                    "A dead letter was dropped: it has been kept for long enough",
                    metadata: [
                        "queue": "\(queue)", "job": "\(letter.job?.description ?? "none")",
                        "reason": "\(letter.reason.rawValue)", "error": "\(letter.error)",
                    ])
            }
            if old.count < page.count { return }
        }
    }
}
