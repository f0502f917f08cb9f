import HTTPTypes
import Messaging

extension Problem {
    /// Members that an answer to too many requests has beside those of every problem: a client may look for nothing else.
    struct Excess: Equatable {
        var error: String
        var message: String
        /// The names of the policies that are exceeded, as `RateLimit-Policy` has them.
        var policies: [String]
    }

    static func rateExceeded(_ rate: Standing.Rate) -> Problem {
        let seconds = max(1, rate.waitSeconds)
        return tooManyRequests(
            "At most \(rate.limit.requests) requests are taken here in any \(rate.limit.period) seconds. "
                + "Try again in \(seconds) s.",
            policies: [Standing.Rate.name], retryAfter: seconds)
    }

    /// Of an address that goes on without a key that is taken.
    static func tooManyFailures(_ rate: Standing.Rate) -> Problem {
        let seconds = max(1, rate.waitSeconds)
        return tooManyRequests(
            "Too many requests without a valid API key came from this address. Try again in \(seconds) s.",
            policies: [], retryAfter: seconds)
    }

    private static func tooManyRequests(_ detail: String, policies: [String], retryAfter: Int64) -> Problem {
        Problem(
            kind: .rateLimited, status: .tooManyRequests, title: "Rate limit exceeded", detail: detail,
            excess: Excess(
                error: "Rate limit exceeded", message: "Too many requests. Please try again later.",
                policies: policies),
            headers: [.retryAfter: "\(retryAfter)"])
    }

    static func quotaExceeded(_ share: Standing.Share, asked: Int) -> Problem {
        let unit =
            switch share.quota.unit {
            case .hour: "hour"
            case .day: "day"
            case .month: "month"
            }
        let left =
            share.remaining == 0 ? "and none is left" : "and only \(share.remaining) are left, not \(asked)"
        return Problem(
            kind: .quotaExceeded, status: .tooManyRequests, title: "Quota exceeded",
            detail: "This API key may send \(share.quota.messages) messages in a calendar \(unit) (UTC), \(left). "
                + "The next one begins at \(RFC3339.string(unixMilliseconds: share.end * 1000)).",
            excess: Excess(
                error: "Quota exceeded", message: "Too many messages. Please try again later.",
                policies: [Standing.Share.name]),
            headers: [.retryAfter: "\(share.wait)"])
    }

    /// Not said is which it was: no key, an unknown one, or one that has ended.
    static let noKey = Problem(
        status: .unauthorized, title: "Unauthorized",
        detail: "A valid API key is needed: Authorization: Bearer <key>, or X-API-Key: <key>.",
        headers: [.wwwAuthenticate: "Bearer"])
}
