import Logging

import struct Redis.Backoff

/// Shows that the worker is alive, and what it does, under a key that goes when it does; learns the store's time by the
/// way. A consumer's idle time in the group says neither.
struct Heartbeat: Sendable {
    static let interval: Duration = .seconds(5)
    /// How long it stands.
    static let life = interval * 3
    static let longestShown = 20

    let consumer: String
    let host: String
    let pid: Int32
    let version: String
    let kinds: [String]
    let scopes: [QueueScope]
    let store: any Storage
    let counters: WorkerCounters
    let storeClock: StoreClock
    let clock: any RuntimeClock
    let logger: Logger

    var running: Int { scopes.reduce(0) { $0 + $1.inFlight.count } }

    /// - Parameter isBeating: called once, when the store has heard of the worker.
    func run(_ isBeating: @Sendable () -> Void) async {
        let started = Int64.unixMilliseconds
        var backoff = Backoff()
        var isFirst = true
        while !Task.isCancelled {
            var wait = Self.interval
            do {
                storeClock.set(try await store.beat(fields(started: started), of: consumer, life: Self.life))
                if isFirst { isBeating() }
                isFirst = false
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning("The heartbeat failed", metadata: ["error": "\(error)"])
                if isFirst { wait = backoff.next() }
            }
            try? await clock.sleep(for: wait)
        }
    }

    /// Takes the key away: the worker has left.
    func end() async { try? await store.endHeartbeat(of: consumer) }

    /// What has been in flight for longest, `<job>=<Unix milliseconds>,…`: the pending list tells only how long ago a
    /// lease was extended.
    private var longest: String {
        let (now, time) = (clock.now, storeClock.now)
        return scopes.flatMap { $0.inFlight.oldest(Self.longestShown) }
            .sorted { $0.begunAt < $1.begunAt }.prefix(Self.longestShown)
            .map { "\($0.job)=\(time - (now - $0.begunAt).milliseconds)" }.joined(separator: ",")
    }

    private func fields(started: Int64) -> [(field: String, value: String)] {
        let counts = counters.current
        return [
            ("host", host), ("pid", "\(pid)"), ("version", version), ("started", "\(started)"),
            ("queues", scopes.map(\.queue.name).joined(separator: ",")), ("kinds", kinds.joined(separator: ",")),
            ("slots", "\(scopes.reduce(0) { $0 + $1.inFlight.slots })"), ("running", "\(running)"),
            ("abandoned", "\(scopes.reduce(0) { $0 + $1.inFlight.abandoned })"),
            ("done", "\(counts.done)"), ("failed", "\(counts.failed)"), ("fenced", "\(counts.fenced)"),
            ("slots_by_queue", scopes.map { "\($0.inFlight.usableSlots)" }.joined(separator: ",")),
            ("lease", "\(scopes.map(\.options.lease.milliseconds).max() ?? 0)"), ("longest", longest),
            ("reclaimed", "\(counts.reclaimed)"), ("released", "\(counts.released)"),
        ]
    }
}
