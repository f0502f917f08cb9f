package import JobRuntime
package import Logging
import Metrics
package import Redis
import ServiceLifecycle
import Synchronization

/// Lets requests in as far as their callers' limits allow, counted in Redis, by Redis's clock, over all processes.
///
/// While ``run()`` is running, the requests of any number of tasks travel together, one call at a time. A Redis that is
/// slow or away lets everybody in: a limit is to protect the service, not to end it.
package final class RequestLimiter: Service {
    private let redis: RedisClient
    let keys: KeySpace
    private let timeout: Duration
    private let logger: Logger
    private let gathers = Atomic(false)
    private let batcher = Batcher<LimitAsk, Standing?>(limit: 500, capacity: 20_000)
    private let refusals = Refusals()
    private let outage = Mutex(Outage())
    private let refused = Counter(label: "rate_limit_hits_total")
    private let unchecked = Counter(label: "rate_limit_unchecked_total")

    /// - Parameter timeout: how long Redis may take for an answer. A request waits for that long at most, twice at worst:
    ///   for the call before its own, too.
    package init(redis: RedisClient, keys: KeySpace, timeout: Duration = .milliseconds(50), logger: Logger) {
        self.redis = redis
        self.keys = keys
        self.timeout = timeout
        self.logger = logger
    }

    package func run() async {
        gathers.store(true, ordering: .relaxed)
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await batcher.run { await self.admit($0) }
            } onCancel: {
                batcher.stop()
            }
        } onGracefulShutdown: {
            self.batcher.stop()
        }
    }

    /// - Returns: nil: not known, and so let in.
    func admit(_ ask: LimitAsk) async -> Standing? {
        if let refusal = refusals.standing(ask) {
            refused.increment()
            return refusal
        }
        let standing =
            if gathers.load(ordering: .relaxed) {
                await batcher.submit(ask) ?? nil
            } else {
                await admit([ask])[0]
            }
        switch standing?.verdict {
        case .admitted?: break
        case .overRate?, .overQuota?: refused.increment()
        case nil: unchecked.increment()
        }
        return standing
    }

    private func admit(_ asks: [LimitAsk]) async -> [Standing?] {
        guard outage.withLock({ $0.mayTry }) else { return asks.map { _ in nil } }
        var places: [LimitAsk: Int] = [:]
        var groups: [(ask: LimitAsk, requests: Int)] = []
        let positions = asks.map { ask in
            guard let group = places[ask] else {
                places[ask] = groups.count
                groups.append((ask, 1))
                return (group: groups.count - 1, place: 0)
            }
            groups[group].requests += 1
            return (group, groups[group].requests - 1)
        }
        guard let admissions = await ask(groups) else { return asks.map { _ in nil } }
        return zip(asks, positions).map { ask, position in
            let standing = admissions[position.group].standing(ask, at: position.place)
            if standing.verdict == .overRate { refusals.add(ask, standing) }
            return standing
        }
    }

    private func ask(_ groups: [(ask: LimitAsk, requests: Int)]) async -> [Admission]? {
        do {
            let reply = try await answer(to: Self.call(groups))
            guard let numbers = reply.array?.compactMap(\.int), numbers.count == 1 + 7 * groups.count else {
                throw RedisError.unexpected(reply, of: "admit.lua")
            }
            if outage.withLock({ $0.end() }) { logger.notice("limits are checked again") }
            return groups.indices.map { Admission(numbers, of: $0) }
        } catch {
            if outage.withLock({ $0.begin() }) {
                logger.warning("limits are not checked: every request is let in", metadata: ["reason": "\(error)"])
            }
            return nil
        }
    }

    static let script = RedisScript(
        name: "admit", source: String(decoding: PackageResources.admit_lua, as: UTF8.self))

    static func call(
        _ groups: [(ask: LimitAsk, requests: Int)], _ script: RedisScript = script
    ) -> ScriptCall {
        var call = ScriptCall(script)
        for (ask, requests) in groups {
            if let rate = ask.rate { call.key(rate.key) }
            if let quota = ask.quota { call.key(quota.key) }
            call.argument(requests)
            call.argument(ask.messages)
            call.argument(ask.rate?.limit.requests ?? 0)
            call.argument((ask.rate?.limit.period ?? 0) * 1_000_000)
            call.argument(ask.quota?.quota.messages ?? 0)
            call.argument(ask.quota?.quota.unit.rawValue ?? "")
            call.argument(ask.since)
        }
        return call
    }

    private func answer(to call: ScriptCall) async throws -> RedisValue {
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.redis.run(call) }
            group.addTask {
                try await Task.sleep(for: self.timeout)
                throw RedisError(.timedOut, "no answer within \(self.timeout)", mayHaveRun: true)
            }
            defer { group.cancelAll() }
            for try await reply in group { return reply }
            throw RedisError(.cancelled, "nobody asked")
        }
    }
}

/// Keeps requests from waiting for a Redis that does not answer: for a second after each failure nobody asks it.
private struct Outage {
    private var retry: ContinuousClock.Instant?

    var mayTry: Bool { retry.map { ContinuousClock.now >= $0 } ?? true }

    /// - Returns: whether it is news.
    mutating func begin() -> Bool {
        defer { retry = .now + .seconds(1) }
        return retry == nil
    }

    mutating func end() -> Bool {
        defer { retry = nil }
        return retry != nil
    }
}
