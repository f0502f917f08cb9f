import NIOHTTP1

/// How long the other side asks to be left alone.
enum RetryAfter {
    /// No request for patience goes further: a stray header must not park a message for years.
    static let longest = Duration.seconds(86_400)

    /// What the headers of an answer ask for: `Retry-After`, else `X-RateLimit-Reset` (SendGrid), else nil.
    ///
    /// - Parameter now: Unix seconds.
    static func wait(_ headers: HTTPHeaders, now: Int64) -> Duration? {
        if let value = headers.first(name: "retry-after"), let wait = parse(value, now: now) { return wait }
        if let value = headers.first(name: "x-ratelimit-reset"), let reset = Int64(value) {
            return wait(until: reset, now: now)
        }
        return nil
    }

    /// Reads a `Retry-After`: whole seconds, or a date. Source: RFC 9110, section 10.2.3.
    ///
    /// - Returns: nothing where the value is neither; zero for a date that has passed; at most ``longest``.
    static func parse(_ value: String, now: Int64) -> Duration? {
        if !value.isEmpty, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return Int64(value).map { min(.seconds($0), longest) } ?? longest
        }
        return HTTPDate.parse(value, now: now).map { wait(until: $0, now: now) }
    }

    private static func wait(until moment: Int64, now: Int64) -> Duration {
        let (seconds, overflow) = moment.subtractingReportingOverflow(now)
        return overflow ? longest : min(max(.seconds(seconds), .zero), longest)
    }
}
