import Logging

import struct Redis.Backoff

/// Moves due jobs of one delayed set back to their streams. Every worker does so; each job is moved by one of them.
struct Promoter: Sendable {
    let scope: QueueScope
    let set: DelayedSet

    /// Another process may put in a job that is due before all that were seen: so late it is moved at most.
    private static let longestWait: Duration = .milliseconds(75)
    /// The store takes this many in about two milliseconds.
    private static let batch = 200
    /// As long as more jobs wait in the streams, those that are due are moved slowly.
    private static let mark = 1000

    func run() async {
        var backoff = Backoff(base: Self.longestWait, cap: .seconds(5))
        while !Task.isCancelled {
            var wait: Duration
            do {
                let promotion = try await scope.store.promote(set, of: scope.queue, most: Self.batch, mark: Self.mark)
                wait = Self.wait(after: promotion)
                backoff.reset()
            } catch {
                guard !Task.isCancelled else { return }
                wait = max(backoff.next(), Self.longestWait)
                scope.logger.warning(
                    "Delayed jobs could not be moved", metadata: ["queue": "\(scope.queue.name)", "error": "\(error)"])
            }
            if wait > .zero { try? await scope.clock.sleep(for: wait) }
        }
    }

    /// How long to wait before the next look.
    static func wait(after promotion: Promotion) -> Duration {
        guard let next = promotion.next else { return longestWait }
        if next > 0 { return min(.milliseconds(next), longestWait) }
        // A full page that was moved is followed by the next at once; one that was not found no room.
        return promotion.moved == batch ? .zero : longestWait
    }
}
