import HTTPTypes
import Hummingbird
import JobRuntime

/// Stands before each route: who asks, whether they may, and how often.
struct Gate: Sendable {
    /// What a route asks of those who come.
    struct Passage: Sendable {
        /// What the caller must be allowed to do; nil: the route is open to all, and has no limits.
        var scope: Caller.Scope?
        /// What the rates of callers are counted by: the method, and the path as a template.
        var endpoint: String
        /// Whether requests count against a caller's quota of messages.
        var metering = Metering.none
    }

    enum Metering: Sendable {
        case none
        /// A request is a message.
        case one
        /// The handler knows how many messages a request has, and takes them from `context.meter`.
        case byHandler
    }

    var rules = AccessRules()

    /// Lets a request through to its handler.
    func pass(
        _ request: Request, _ context: IngressContext, _ passage: Passage,
        to handler: @concurrent (Request, IngressContext) async throws -> Response
    ) async throws -> Response {
        guard let scope = passage.scope, rules.keys != nil || rules.limiter != nil else {
            return try await handler(request, context)
        }
        var context = context
        var key: APIKey?
        if let keys = rules.keys {
            guard let found = Self.key(in: request.headers, keys.ring) else { throw await refusal(context) }
            context.caller = found.caller
            key = found
        }
        guard let limiter = rules.limiter, let ask = ask(limiter, key, context, passage) else {
            guard context.caller.may(scope) else { throw Problem.notAllowed(scope) }
            return try await handler(request, context)
        }
        if let share = ask.quota { context.meter = MessageMeter(limiter, share) }
        let standing = await limiter.admit(ask)
        if let standing { context.meter?.note(standing, messages: ask.messages) }
        do {
            if let refusal = Self.refusal(standing) { throw refusal }
            guard context.caller.may(scope) else { throw Problem.notAllowed(scope) }
            var response = try await handler(request, context)
            if Self.isRefusal(response.status) { await context.meter?.giveBackAll() }
            response.headers.tell(standing?.rate, context.meter?.standing)
            return response
        } catch var problem as Problem {
            if Self.isRefusal(problem.status) { await context.meter?.giveBackAll() }
            problem.headers.tell(standing?.rate, context.meter?.standing)
            throw problem
        }
    }

    /// What a request costs its caller; nil: nothing.
    private func ask(
        _ limiter: RequestLimiter, _ key: APIKey?, _ context: IngressContext, _ passage: Passage
    ) -> LimitAsk? {
        var ask = LimitAsk()
        if let rate = rules.rate {
            ask.rate = LimitAsk.Rate(
                key: key.map { limiter.keys.rateLimit(of: $0.name, at: passage.endpoint) }
                    ?? limiter.keys.rateLimit(
                        ofAddress: ClientAddress.subject(of: context.client), at: passage.endpoint),
                limit: key?.rate ?? rate)
        }
        if let key, let quota = key.quota, passage.metering != .none {
            ask.quota = LimitAsk.Share(key: limiter.keys.quota(of: key.name), quota: quota)
            ask.messages = passage.metering == .one ? 1 : 0
        }
        return ask.rate == nil && ask.quota == nil ? nil : ask
    }

    private static func refusal(_ standing: Standing?) -> Problem? {
        switch standing?.verdict {
        case .overRate: standing?.rate.map { .rateExceeded($0) }
        case .overQuota: standing?.quota.map { .quotaExceeded($0, asked: 1) }
        case .admitted, nil: nil
        }
    }

    /// Whether an answer says that nothing was accepted. Of a 500 that is not certain.
    private static func isRefusal(_ status: HTTPResponse.Status) -> Bool {
        status.kind == .clientError || status == .serviceUnavailable
    }
}

// MARK: - Keys

extension Gate {
    private static func key(in headers: HTTPFields, _ ring: KeyRing) -> APIKey? {
        let shown = bearer(headers[.authorization]) ?? headers[.apiKey]
        return shown.flatMap { ring.find($0, now: .unixMilliseconds) }
    }

    /// The token of `Authorization: Bearer` (RFC 6750); the name of a scheme has no case.
    private static func bearer(_ authorization: String?) -> String? {
        guard let authorization, authorization.utf8.count > 7 else { return nil }
        let (scheme, token) = (authorization.utf8.prefix(7), authorization.utf8.dropFirst(7))
        guard zip(scheme, "bearer ".utf8).allSatisfy({ $0 | 0x20 == $1 }) else { return nil }
        return String(Substring(token).drop { $0 == " " })
    }

    /// A key with 256 random bits is not found by trying; but neither is trying to be free.
    private func refusal(_ context: IngressContext) async -> Problem {
        guard let limiter = rules.limiter else { return .noKey }
        let key = limiter.keys.failures(ofAddress: ClientAddress.subject(of: context.client))
        let ask = LimitAsk(rate: LimitAsk.Rate(key: key, limit: rules.failures))
        guard let standing = await limiter.admit(ask), standing.verdict == .overRate, let rate = standing.rate else {
            return .noKey
        }
        return .tooManyFailures(rate)
    }
}
