import Logging
import Redis

/// Shows that the worker is alive, and what it does, under a key that goes when it does. A consumer's idle time in the
/// group says neither.
struct Heartbeat: Sendable {
    static let interval: Duration = .seconds(5)

    let consumer: String
    let host: String
    let pid: Int32
    let version: String
    let queues: [JobQueue]
    let slots: Int
    let redis: RedisClient
    let keys: KeySpace
    let counters: WorkerCounters
    let running: @Sendable () -> Int
    let logger: Logger

    func run() async {
        let started = Int64.unixMilliseconds
        while !Task.isCancelled {
            do {
                try await beat(started: started)
            } catch {
                logger.warning("The heartbeat failed", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Takes the key away: the worker has left.
    func end() async {
        _ = try? await redis.send(RedisCommand("DEL", keys.worker(consumer)))
    }

    private func beat(started: Int64) async throws(RedisError) {
        let counts = counters.current
        var call = ScriptCall(Scripts.heartbeat)
        call.key(keys.worker(consumer))
        call.argument((Self.interval * 3).milliseconds)
        for (field, value) in [
            ("host", host), ("pid", "\(pid)"), ("version", version), ("started", "\(started)"),
            ("queues", queues.map(\.name).joined(separator: ",")), ("slots", "\(slots)"), ("running", "\(running())"),
            ("done", "\(counts.done)"), ("failed", "\(counts.failed)"), ("fenced", "\(counts.fenced)"),
            ("reclaimed", "\(counts.reclaimed)"), ("released", "\(counts.released)"),
        ] {
            call.argument(field)
            call.argument(value)
        }
        _ = try await redis.run(call)
    }
}
