/// Who may come in, and how often.
package struct AccessRules: Sendable {
    /// nil: no keys are asked for, and anyone may do everything.
    package var keys: APIKeys?
    /// nil: nobody counts.
    package var limiter: RequestLimiter?
    /// How many requests a caller may make to each endpoint, unless its key says otherwise; nil: as many as it likes,
    /// whatever its key says.
    package var rate: RateLimit?
    /// How many requests without a key that is taken are answered to an address with more than a refusal to listen.
    package var failures: RateLimit

    package init(
        keys: APIKeys? = nil, limiter: RequestLimiter? = nil, rate: RateLimit? = nil,
        failures: RateLimit = RateLimit(requests: 20, period: 60)
    ) {
        self.keys = keys
        self.limiter = limiter
        self.rate = rate
        self.failures = failures
    }
}
