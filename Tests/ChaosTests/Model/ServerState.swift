import JobRuntime
import Redis

@testable import chaos_worker

/// What Redis holds, as it stands there: read with its own commands, not with the runtime's.
struct ServerState: Sendable {
    let redis: RedisClient
    private let keys = KeySpace()

    /// Everything that waits or runs: the keys that hold it.
    func unfinished() async throws -> [String] {
        var found: [String] = []
        for queue in Chaos.queues.map(\.name) {
            for lane in Lane.allCases {
                let stream = keys.stream(queue, lane)
                if try await int("XLEN", stream) > 0 { found.append(stream) }
                let pending = try await ask("XPENDING", stream, KeySpace.group).array?.first?.int ?? 0
                if pending > 0 { found.append("\(stream) pending") }
            }
            for set in [keys.retry(queue), keys.scheduled(queue)] where try await int("ZCARD", set) > 0 {
                found.append(set)
            }
        }
        return found
    }

    /// The names of all workers of which there is a trace: as consumers of a group, or by their heartbeat.
    func traces() async throws -> Set<String> {
        var names = Set(try await ask("ZRANGE", keys.workers, "0", "-1").array?.compactMap(\.string) ?? [])
        let heartbeats = try await allKeys().filter { $0.hasPrefix(keys.worker("")) }
        names.formUnion(heartbeats.map { String($0.dropFirst(keys.worker("").count)) })
        for queue in Chaos.queues.map(\.name) {
            for lane in Lane.allCases {
                let rows = try await ask("XINFO", "CONSUMERS", keys.stream(queue, lane), KeySpace.group).array ?? []
                names.formUnion(rows.compactMap { $0.map?["name"]?.string })
            }
        }
        // Nobody: under this name stands what is handed back.
        return names.subtracting(["__released__"])
    }

    func allKeys() async throws -> [String] {
        var (found, cursor): (Set<String>, String) = ([], "0")
        repeat {
            let reply = try await ask("SCAN", cursor, "COUNT", "1000").array ?? []
            cursor = reply.first?.string ?? "0"
            found.formUnion(reply.last?.array?.compactMap(\.string) ?? [])
        } while cursor != "0"
        return found.sorted()
    }

    /// The entries of a stream, each as its fields by name.
    func entries(_ stream: String) async throws -> [[String: String]] {
        var (entries, start): ([[String: String]], String) = ([], "-")
        while true {
            let page = try await ask("XRANGE", stream, start, "+", "COUNT", "1000").array ?? []
            for entry in page {
                guard let parts = entry.array, let id = parts.first?.string else { continue }
                entries.append(parts.last?.map?.compactMapValues(\.string) ?? [:])
                start = "(\(id)"
            }
            if page.isEmpty { return entries }
        }
    }

    /// The fields of a hash, and the milliseconds that it has left; -1: for ever.
    func hash(_ key: String) async throws -> (fields: [String: String], life: Int64) {
        let fields = try await ask("HGETALL", key).map?.compactMapValues(\.string) ?? [:]
        return (fields, try await int("PTTL", key))
    }

    func text(_ key: String) async throws -> (value: String, life: Int64) {
        (try await ask("GET", key).string ?? "", try await int("PTTL", key))
    }

    func int(_ words: String...) async throws -> Int64 { try await send(words).int ?? 0 }

    private func ask(_ words: String...) async throws -> RedisValue { try await send(words) }

    /// What is asked of a stream or group that nobody has made yet has an empty answer.
    private func send(_ words: [String]) async throws -> RedisValue {
        var command = RedisCommand()
        for word in words { command.append(word) }
        do {
            return try await redis.send(command)
        } catch {
            guard let code = error.serverCode, ["NOGROUP", "ERR"].contains(code) else { throw error }
            return .null
        }
    }
}
