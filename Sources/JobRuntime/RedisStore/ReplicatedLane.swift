import Redis

/// Runs scripts and finds out whether enough replicas have what they wrote.
///
/// WAIT speaks of what its own connection has written: it goes right behind the scripts, on the connection that has run
/// them; on any other it would count replicas that need not have them. And it holds up every later command of the
/// connection: nothing else is sent there, and what is handed in meanwhile makes the next round, many scripts and one
/// WAIT.
///
/// Before its WAIT each round writes a mark. A script may write nothing because an earlier call, cut off or repeated by
/// somebody else, has written everything: then WAIT would speak of an older write of this connection, or, on a new one, of
/// none, and be content with replicas that lack the job. The mark stands behind all that this server had written when the
/// scripts ran, whoever wrote it; whoever has the mark has all of that.
final class ReplicatedLane: Sendable {
    typealias Answer = Result<(value: RedisValue, shortfall: StoreError?), RedisError>

    /// Whoever waits may give up; the call goes its way.
    private struct Request: Sendable {
        let call: ScriptCall
        let answer = OneShot<Answer>()
    }

    private let batcher = Batcher<Request, Void>(
        limit: 64, capacity: 10_000, costLimit: 8 << 20, costCapacity: 64 << 20
    ) { $0.call.size }

    /// - Parameters:
    ///   - timeout: of one WAIT.
    ///   - mark: the key of the mark.
    init(_ redis: RedisClient, replicas: Int, timeout: Duration, mark: String) {
        // Of all callers, and so of none: one that is cancelled must not take the others' answers with it.
        Task { [batcher] in
            var rounds = Rounds(redis: redis, replicas: replicas, timeout: timeout, mark: mark)
            await batcher.run { requests in
                let answers = await rounds.perform(requests.map(\.call))
                for (request, answer) in zip(requests, answers) { request.answer.give(answer) }
                return []
            }
            await rounds.close()
        }
    }

    deinit { batcher.stop() }

    /// - Returns: the script's answer, and how many replicas were missing in time; nil: none.
    func run(_ call: ScriptCall) async throws(StoreError) -> (value: RedisValue, shortfall: StoreError?) {
        let request = Request(call: call)
        guard batcher.offer(request) else { throw StoreError(.busy, "too many calls wait for the replicas") }
        let answer = await request.answer.value(
            onCancel: .failure(RedisError(.cancelled, "the task was cancelled", mayHaveRun: true)))
        do throws(RedisError) { return try answer.get() } catch { throw StoreError(error) }
    }
}

/// Makes one round after the other on one connection, which is made anew when it breaks.
private struct Rounds {
    let redis: RedisClient
    let replicas: Int
    let timeout: Duration
    let mark: String
    private var connection: RedisConnection?

    init(redis: RedisClient, replicas: Int, timeout: Duration, mark: String) {
        self.redis = redis
        self.replicas = replicas
        self.timeout = timeout
        self.mark = mark
    }

    mutating func perform(_ calls: [ScriptCall]) async -> [ReplicatedLane.Answer] {
        // A new connection may be to a server that does not know the script; WAIT would hold up the news of that.
        var answers = await round(calls, byDigest: connection != nil)
        let unknown = answers.indices.filter { answers[$0].isOfUnknownScript }
        if !unknown.isEmpty {
            let again = await round(unknown.map { calls[$0] }, byDigest: false)
            for (index, answer) in zip(unknown, again) { answers[index] = answer }
        }
        return answers
    }

    func close() async { await connection?.close() }

    private mutating func round(_ calls: [ScriptCall], byDigest: Bool) async -> [ReplicatedLane.Answer] {
        let proof = [
            RedisCommand("SET", mark, ""), RedisCommand("WAIT", "\(replicas)", "\(max(1, timeout.milliseconds))"),
        ]
        do throws(RedisError) {
            let replies = try await send(calls.map { $0.command(byDigest: byDigest) } + proof)
            let shortfall = shortfall(replies.suffix(2))
            return replies.dropLast(2).map { reply in reply.map { ($0, shortfall) } }
        } catch {
            return calls.map { _ in .failure(error) }
        }
    }

    /// What the mark and the WAIT behind it do not prove; nil: they do.
    private func shortfall(_ proof: ArraySlice<Result<RedisValue, RedisError>>) -> StoreError? {
        var count: Int64 = 0
        for reply in proof {
            switch reply {
            case .success(let value): count = value.int ?? 0
            case .failure(let error): return StoreError(.busy, "not known to be replicated: \(error)", mayHaveRun: true)
            }
        }
        return count >= replicas
            ? nil : StoreError(.busy, "only \(count) of \(replicas) replicas have it", mayHaveRun: true)
    }

    /// Sends commands on one connection, whatever became of the last one.
    private mutating func send(
        _ commands: [RedisCommand]
    ) async throws(RedisError) -> [Result<RedisValue, RedisError>] {
        let timeout = timeout + redis.configuration.commandTimeout
        if let connection {
            let replies = await connection.send(together: commands, timeout: timeout)
            guard let failure = replies.lazy.compactMap(\.brokenness).first else { return replies }
            await connection.close()
            self.connection = nil
            // One that broke while nothing was under way is no news to the callers.
            if failure.mayHaveRun { return replies }
        }
        let connection = try await redis.makeConnection()
        self.connection = connection
        return await connection.send(together: commands, timeout: timeout)
    }
}

extension Result<RedisValue, RedisError> {
    /// Why the connection cannot be used again; nil: it can.
    fileprivate var brokenness: RedisError? {
        if case .failure(let error) = self, error.code != .refused { error } else { nil }
    }
}

extension ReplicatedLane.Answer {
    fileprivate var isOfUnknownScript: Bool {
        if case .failure(let error) = self { error.serverCode == "NOSCRIPT" } else { false }
    }
}
