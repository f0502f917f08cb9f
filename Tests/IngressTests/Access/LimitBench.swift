import JobRuntime
import Redis
import TestSupport

@testable import Ingress

/// A Redis whose limits go by a clock that is set by hand.
struct LimitBench: Sendable {
    let redis: RedisClient
    let keys: KeySpace
    private let script: RedisScript

    /// 2040-02-28T23:30:00Z: whatever is kept until a time of that clock is kept until the end of the test.
    static let start: Int64 = 2_214_084_600_000_000

    static func run(_ body: (LimitBench) async throws -> Void) async throws {
        let server = try await PrivateRedis.shared()
        try await withClient(server.configuration) { redis in try await body(LimitBench(redis)) }
    }

    private init(_ redis: RedisClient) {
        self.redis = redis
        keys = freshKeys()
        let real = "redis.call('TIME')"
        precondition(RequestLimiter.script.source.contains(real))
        script = RedisScript(
            name: "admit",
            source: RequestLimiter.script.source.replacing(
                real, with: "redis.call('MGET', '\(keys.prefix)seconds', '\(keys.prefix)micros')"))
    }

    func rate(_ requests: Int, _ period: Int, of caller: String = "shop") -> LimitAsk {
        LimitAsk(
            rate: LimitAsk.Rate(
                key: keys.rateLimit(of: caller, at: "GET:/x"), limit: RateLimit(requests: requests, period: period)))
    }

    func quota(_ text: String, messages: Int, since: Int64 = 0) throws -> LimitAsk {
        guard let quota = Quota(text) else { throw KeyFault("no quota") }
        return LimitAsk(
            quota: LimitAsk.Share(key: keys.quota(of: "shop"), quota: quota), messages: messages, since: since)
    }

    /// What the script says at a moment, Unix microseconds.
    func admit(at moment: Int64, _ groups: (ask: LimitAsk, requests: Int)...) async throws -> [Admission] {
        _ = try await redis.send(
            RedisCommand(
                "MSET", "\(keys.prefix)seconds", "\(moment / 1_000_000)", "\(keys.prefix)micros",
                "\(moment % 1_000_000)"))
        let reply = try await redis.run(RequestLimiter.call(groups, script))
        guard let numbers = reply.array?.compactMap(\.int), numbers.count == 1 + 7 * groups.count else {
            throw RedisError.unexpected(reply, of: "admit.lua")
        }
        return groups.indices.map { Admission(numbers, of: $0) }
    }

    func admit(_ ask: LimitAsk, at moment: Int64) async throws -> Standing {
        try await admit(at: moment, (ask, 1))[0].standing(ask, at: 0)
    }
}
