import FoundationEssentials
public import JobRuntime
import Messaging
import NIOCore
import NIOFoundationCompat
public import Redis

/// What the workers know together, in Redis: who must not be sent to, whose turn it is, and which message at a provider
/// is whose.
public struct DeliveryState: Sendable {
    let redis: RedisClient
    let keys: KeySpace
    let keepsEvents: Bool

    /// - Parameter keepsEvents: as ``RedisStoreOptions/keepsEvents``: whether the ledger hears of suppressions.
    public init(redis: RedisClient, keys: KeySpace, keepsEvents: Bool = false) {
        self.redis = redis
        self.keys = keys
        self.keepsEvents = keepsEvents
    }
}

// MARK: - Turns

/// When a sender's message may go.
struct SenderTurn: Sendable, Equatable {
    /// Unix milliseconds of Redis's clock.
    var now: Int64
    var turn: Int64

    var wait: Duration { .milliseconds(max(0, turn - now)) }
}

extension DeliveryState {
    private static let turn = RedisScript(
        name: "turn", source: String(decoding: PackageResources.turn_lua, as: UTF8.self))

    /// Takes the next place in a sender's row.
    ///
    /// - Parameters:
    ///   - cost: how long the message keeps the row busy.
    ///   - before: Unix milliseconds; a turn that is not before is told, but not taken.
    func takeTurn(
        of sender: String, at provider: String, cost: Duration, isUrgent: Bool, before: Int64?
    ) async throws(RedisError) -> SenderTurn {
        var call = ScriptCall(Self.turn)
        call.key(keys.throttle(provider, sender))
        call.key(keys.urgentThrottle(provider, sender))
        call.argument(max(1, Int64(cost / .microseconds(1))))
        call.argument(isUrgent ? "1" : "0")
        call.argument(before.map { "\($0)" } ?? "")
        let reply = try await redis.run(call)
        guard let parts = reply.array, parts.count == 2, let now = parts[0].int, let turn = parts[1].int else {
            throw .unexpected(reply, of: "turn.lua")
        }
        return SenderTurn(now: now, turn: turn)
    }
}

// MARK: - Claims and trails

extension DeliveryState {
    /// Longer than most messages wait in their queue and are asked for. Whose an older one is nobody can tell.
    static let claimLife: Duration = .seconds(6 * 3600)

    /// Makes a provider's message a job's own.
    ///
    /// - Returns: whether it is the job's, now or since before.
    func claim(_ id: String, of provider: String, for job: JobID) async throws(RedisError) -> Bool {
        let reply = try await redis.send(
            RedisCommand(
                "SET", keys.claim(provider, id), "\(job)", "NX", "GET", "PX", "\(Self.claimLife.milliseconds)"))
        return reply == .null || reply.string == "\(job)"
    }

    /// Whose a provider's message is; nil: nobody's so far.
    func claimant(of id: String, at provider: String) async throws(RedisError) -> JobID? {
        try await redis.send(RedisCommand("GET", keys.claim(provider, id))).string.flatMap { JobID($0) }
    }

    /// Remembers which providers an attempt goes to, before it goes to another than the first.
    ///
    /// - Parameter queuedAt: as in ``Attempt/queuedAt``: what parts this attempt's deliveries from those before it was put
    ///   off, retried or redriven.
    func leaveTrail(of job: JobID, queuedAt: Int64, _ providers: [String]) async throws(RedisError) {
        _ = try await redis.send(
            RedisCommand(
                "SET", keys.trail(job), "\(queuedAt) \(providers.joined(separator: " "))", "PX",
                "\(Self.claimLife.milliseconds)"))
    }

    /// The providers that an earlier delivery of an attempt went to; nil: at most to the first.
    func trail(of job: JobID, queuedAt: Int64) async throws(RedisError) -> [String]? {
        let words = try await redis.send(RedisCommand("GET", keys.trail(job))).string?.split(separator: " ") ?? []
        guard words.first == "\(queuedAt)" else { return nil }
        return words.dropFirst().map(String.init)
    }
}
