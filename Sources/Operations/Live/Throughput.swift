public import JobRuntime

/// How much workers get done, from the counts of their heartbeats: what each did between its last two. Pure.
public struct Throughput: Sendable {
    /// Per second.
    struct Rate: Sendable, Equatable {
        var done = 0.0
        var failed = 0.0
    }

    private struct Reading {
        var seenAt: Moment
        var done: Int
        var failed: Int
        var rate: Rate?
    }

    private var readings: [String: Reading] = [:]

    public init() {}

    /// By worker; those of which only one heartbeat was seen have none yet.
    var rates: [String: Rate] { readings.compactMapValues(\.rate) }

    /// Of all workers together; nil until one's is known.
    var total: Rate? {
        let rates = rates.values
        return rates.isEmpty
            ? nil : Rate(done: rates.reduce(0) { $0 + $1.done }, failed: rates.reduce(0) { $0 + $1.failed })
    }

    public mutating func update(_ workers: [WorkerStatus]) {
        var next: [String: Reading] = [:]
        for worker in workers {
            guard worker.isAlive, let seenAt = worker.seenAt else { continue }
            var reading = Reading(seenAt: seenAt, done: worker.done, failed: worker.failed)
            if let last = readings[worker.consumer] {
                let seconds = Double(seenAt.milliseconds - last.seenAt.milliseconds) / 1000
                reading.rate = last.rate
                if seconds > 0 {
                    reading.rate = Rate(
                        done: Double(worker.done - last.done) / seconds,
                        failed: Double(worker.failed - last.failed) / seconds)
                }
            }
            next[worker.consumer] = reading
        }
        readings = next
    }

    /// `0.4`, `12`, `1234`.
    static func text(_ rate: Double) -> String {
        rate < 10 ? "\((rate * 10).rounded() / 10)" : "\(Int(rate.rounded()))"
    }
}
