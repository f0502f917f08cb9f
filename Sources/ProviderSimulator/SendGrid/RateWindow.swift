import Foundation
import HTTPTypes
import Synchronization

/// SendGrid's announcement of how much of the minute's allowance is left.
final class RateWindow: Sendable {
    private struct State {
        var minute = 0
        var used = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// Counts a request and announces what is left until when.
    ///
    /// - Parameter retryAfter: seconds that a simulated 429 tells to wait: then nothing is left until their end.
    func announce(in headers: inout HTTPFields, retryAfter: Int?) {
        let now = Int(Date().timeIntervalSince1970)
        let used = state.withLock { state in
            if state.minute != now / 60 { state = State(minute: now / 60) }
            state.used += 1
            return state.used
        }
        headers.set("X-RateLimit-Limit", limit)
        headers.set("X-RateLimit-Remaining", retryAfter == nil ? max(0, limit - used) : 0)
        headers.set("X-RateLimit-Reset", retryAfter.map { now + $0 } ?? (now / 60 + 1) * 60)
    }
}
