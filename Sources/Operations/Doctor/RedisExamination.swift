public import JobRuntime
public import Redis

/// Asks a Redis for its ``RedisFacts``, and what time it is there. It writes nothing.
public struct RedisExamination: Sendable {
    public let facts: RedisFacts
    public let clock: ClockReading

    private static let pings = 50
    /// Of all pings together.
    private static let patience: Duration = .seconds(3)

    /// - Parameter queues: whose groups are looked for.
    public init(_ configuration: RedisConfiguration, keys: KeySpace, queues: [String]) async throws(RedisError) {
        let connection = try await RedisConnection.connect(configuration)
        let result: Result<(RedisFacts, ClockReading), RedisError>
        do throws(RedisError) {
            result = .success(try await Self.ask(connection, keys, queues))
        } catch {
            result = .failure(error)
        }
        await connection.close()
        (facts, clock) = try result.get()
    }

    private static func hasGroup(_ stream: String, _ connection: RedisConnection) async throws(RedisError) -> Bool {
        do throws(RedisError) {
            let groups = try await connection.send(RedisCommand("XINFO", "GROUPS", stream)).array ?? []
            return groups.contains { $0.map?["name"]?.string == KeySpace.group }
        } catch {
            // There is no such stream; or we are not allowed to know.
            if let code = error.serverCode { return code != "ERR" }
            throw error
        }
    }

    private static func ask(
        _ connection: RedisConnection, _ keys: KeySpace, _ queues: [String]
    ) async throws(RedisError) -> (RedisFacts, ClockReading) {
        // Denied, perhaps, where Redis works.
        let info = try? await connection.send(RedisCommand("INFO"))
        var facts = RedisFacts(info: info?.string ?? "")
        facts.syncs = await setting("appendfsync", connection)
        facts.snapshots = await setting("save", connection)
        for queue in queues {
            if try await hasGroup(keys.stream(queue), connection) { facts.groups.insert(queue) }
        }
        let agreed = try await connection.send(RedisCommand("HGETALL", keys.meta)).map ?? [:]
        facts.agreed = agreed.compactMapValues(\.string)
        facts.pings = try await pings(connection)
        let before = Int64.unixMilliseconds
        let time = try await connection.send(RedisCommand("TIME")).array ?? []
        let theirs = (time.first?.int ?? 0) * 1000 + (time.last?.int ?? 0) / 1000
        return (facts, ClockReading(before: before, theirs: theirs, after: .unixMilliseconds))
    }

    /// nil where it is not told, as by many that are rented.
    private static func setting(_ name: String, _ connection: RedisConnection) async -> String? {
        try? await connection.send(RedisCommand("CONFIG", "GET", name)).map?[name]?.string
    }

    private static func pings(_ connection: RedisConnection) async throws(RedisError) -> [Duration] {
        var times: [Duration] = []
        let begin = ContinuousClock.now
        while times.count < pings, ContinuousClock.now - begin < patience {
            let sent = ContinuousClock.now
            _ = try await connection.send(RedisCommand("PING"))
            times.append(.now - sent)
        }
        return times.sorted()
    }
}

/// Another's clock beside this machine's, in Unix milliseconds.
public struct ClockReading: Sendable, Equatable {
    /// How far this machine's is ahead.
    public let ahead: Duration
    /// For the time that asking took.
    public let doubt: Duration

    public init(before: Int64, theirs: Int64, after: Int64) {
        ahead = .milliseconds((before + after) / 2 - theirs)
        doubt = .milliseconds((after - before) / 2)
    }
}
