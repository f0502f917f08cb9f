import Synchronization

/// The store's time as a worker knows it between two heartbeats: the last it was told, and what its own monotonic clock
/// has gone on since. A worker's wall clock, which may jump, is asked only until the first heartbeat.
final class StoreClock: Sendable {
    private struct Reading {
        let time: Int64
        let at: Duration
    }

    private let clock: any RuntimeClock
    private let reading = Mutex<Reading?>(nil)

    init(_ clock: any RuntimeClock) { self.clock = clock }

    /// Unix milliseconds.
    var now: Int64 {
        guard let reading = reading.withLock({ $0 }) else { return .unixMilliseconds }
        return reading.time + (clock.now - reading.at).milliseconds
    }

    func set(_ time: Int64) {
        let reading = Reading(time: time, at: clock.now)
        self.reading.withLock { $0 = reading }
    }
}
