import HTTPTypes

/// What an answer says of its caller's limits.
///
/// `RateLimit` and `RateLimit-Policy` are those of draft-ietf-httpapi-ratelimit-headers-10: each policy by name, `q` how
/// much it allows in `w` seconds, `r` how much is left, `t` in how many seconds there is more. The older headers are of
/// the rate alone; `X-RateLimit-Reset` is that moment in Unix seconds.
extension HTTPFields {
    mutating func tell(_ rate: Standing.Rate?, _ quota: Standing.Share?) {
        guard rate != nil || quota != nil else { return }
        if let rate {
            tell(.legacyLimit, "\(rate.limit.requests)")
            tell(.legacyRemaining, "\(rate.remaining)")
            tell(.legacyReset, "\(rate.resetSeconds)")
        }
        let states = [rate?.state, quota?.state].compactMap(\.self)
        let policies = [rate?.policy, quota?.policy].compactMap(\.self)
        tell(.rateLimit, states.joined(separator: ", "))
        tell(.rateLimitPolicy, policies.joined(separator: ", "))
    }

    private mutating func tell(_ name: HTTPField.Name, _ value: String) {
        append(HTTPField(name: name, value: value))
    }
}

extension Standing.Rate {
    static let name = "requests"

    /// Whole seconds, so that who waits has waited long enough.
    var waitSeconds: Int64 { (wait + 999_999) / 1_000_000 }
    fileprivate var resetSeconds: Int64 { (reset + 999_999) / 1_000_000 }

    fileprivate var state: String { "\"\(Self.name)\";r=\(remaining);t=\(waitSeconds)" }
    fileprivate var policy: String { "\"\(Self.name)\";q=\(limit.requests);w=\(limit.period)" }
}

extension Standing.Share {
    static let name = "messages"

    fileprivate var state: String { "\"\(Self.name)\";r=\(remaining);t=\(wait)" }
    fileprivate var policy: String { "\"\(Self.name)\";q=\(quota.messages);w=\(end - begin)" }
}
