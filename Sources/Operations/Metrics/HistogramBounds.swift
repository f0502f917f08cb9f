/// The bounds of histograms, by what they measure, in seconds.
enum HistogramBounds {
    static func bounds(of name: String) -> [Double] {
        switch name {
        case "redis_round_trip_seconds", "job_settle_duration_seconds": server
        case "job_wait_duration_seconds": waits
        default: work
        }
    }

    /// Finer where a one-time code's delivery is decided, up to the longest time-out of a provider.
    static let work: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    /// A server beside us: what is usual, and then what is wrong.
    static let server: [Double] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5]

    /// From at once to the hours that a queue may be behind.
    static let waits: [Double] = [0.005, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 5, 15, 60, 300, 900, 3600, 14_400]
}
