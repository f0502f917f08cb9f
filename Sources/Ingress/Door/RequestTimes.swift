import Metrics
import Synchronization

/// Measures requests: `api_request_duration_seconds` by `method`, `route` and `status`. What no route took has none.
final class RequestTimes: Sendable {
    private struct Key: Hashable {
        var method: String
        var route: String
        var status: Int
    }

    /// Nobody's choice: an invented method is answered before it gets here, and counted as `other`.
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]

    private let timers = Mutex<[Key: Timer]>([:])

    func record(method: String, route: String?, status: Int, nanoseconds: Int64) {
        let key = Key(method: Self.methods.contains(method) ? method : "other", route: route ?? "", status: status)
        let timer = timers.withLock { timers in
            if let timer = timers[key] { return timer }
            let timer = Timer(
                label: "api_request_duration_seconds",
                dimensions: [("method", key.method), ("route", key.route), ("status", "\(status)")],
                preferredDisplayUnit: .seconds)
            timers[key] = timer
            return timer
        }
        timer.recordNanoseconds(nanoseconds)
    }
}
