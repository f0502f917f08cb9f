import Logging
import Redis

/// Moves the queue's jobs that are due for another attempt back to its stream. Every worker does so; each job is moved
/// by one of them.
struct Promoter: Sendable {
    let scope: QueueScope

    /// Another worker may put in a job that is due before all that were seen: so late it is moved at most.
    private static let longestWait: Duration = .milliseconds(250)
    private static let batch = 200

    func run() async {
        var backoff = Backoff(base: Self.longestWait, cap: .seconds(5))
        while !Task.isCancelled {
            var wait: Duration
            do {
                wait = try await promote()
                backoff.reset()
            } catch {
                guard !Task.isCancelled else { return }
                wait = max(backoff.next(), Self.longestWait)
                scope.logger.warning(
                    "Delayed jobs could not be moved", metadata: ["queue": "\(scope.queue.name)", "error": "\(error)"])
            }
            if wait > .zero { try? await Task.sleep(for: wait) }
        }
    }

    /// Moves what is due.
    ///
    /// - Returns: how long to wait before the next look.
    private func promote() async throws(RedisError) -> Duration {
        let set = scope.options.keys.retry(scope.queue.name)
        let head = RedisCommand("ZRANGE", set, "0", String(Self.batch - 1), "WITHSCORES")
        let waiting = try await scope.redis.send(head).array ?? []
        guard !waiting.isEmpty else { return Self.longestWait }
        let time = try await scope.redis.send(RedisCommand("TIME")).array ?? []
        let now = (time.first?.int ?? 0) * 1000 + (time.last?.int ?? 0) / 1000
        var call = ScriptCall(Scripts.promote)
        call.key(set)
        call.key(scope.stream)
        call.key(scope.options.keys.dead(scope.queue.name))
        call.argument(scope.queue.isTracked ? "1" : "0")
        var due = 0
        for index in stride(from: 0, to: waiting.count - 1, by: 2) {
            guard let id = waiting[index].string, let score = waiting[index + 1].string.flatMap(Double.init)
            else { continue }
            guard score <= Double(now) else {
                if due == 0 { return min(.milliseconds(score - Double(now)), Self.longestWait) }
                break
            }
            due += 1
            call.key(scope.options.keys.record(id))
            call.argument(id)
        }
        guard due > 0 else { return Self.longestWait }
        let moved = try await scope.redis.run(call).int ?? 0
        // A full page that was moved is followed by the next at once.
        return moved == Self.batch ? .zero : .milliseconds(1)
    }
}
