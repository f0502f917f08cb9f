import Ingress
import Logging
import Redis
import ServiceLifecycle

extension Settings {
    /// `RATE_LIMIT_ENABLED`, `RATE_LIMIT_REQUESTS` and `RATE_LIMIT_PERIOD`; nil: there is none.
    func rateLimit() throws -> RateLimit? {
        let isWanted = try reader.value("RATE_LIMIT_ENABLED", expected: "true or false") { Bool($0.lowercased()) }
        let limit = RateLimit(
            requests: try reader.integer("RATE_LIMIT_REQUESTS", in: RateLimit.requests) ?? 100,
            period: try reader.integer("RATE_LIMIT_PERIOD", in: RateLimit.periods) ?? 60)
        return isWanted ?? true ? limit : nil
    }

    /// Who may come in and how often, and what must run for that.
    func access(
        host: String, _ redis: RedisClient, _ logger: Logger
    ) throws -> (rules: AccessRules, services: [any Service]) {
        let source = try apiKeys(logger)
        if source == nil { try checkOpenness(host: host) }
        var rules = AccessRules(keys: source?.keys, rate: try rateLimit())
        if let failures = try reader.integer("AUTH_FAILURES_PER_MINUTE", in: 1...1_000_000) {
            rules.failures = RateLimit(requests: failures, period: 60)
        }
        let timeout = try reader.integer("RATE_LIMIT_TIMEOUT_MS", in: 1...10_000) ?? 50
        guard rules.keys != nil || rules.rate != nil else { return (rules, []) }
        let limiter = RequestLimiter(redis: redis, keys: keys, timeout: .milliseconds(timeout), logger: logger)
        rules.limiter = limiter
        return (rules, [limiter] + (source?.services ?? []))
    }
}
