import Redis

/// How much memory the server has and uses.
public struct ServerMemory: Sendable, Equatable {
    /// In bytes, as `used_memory` says.
    public var used: Int64
    /// In bytes, as `maxmemory` says; 0: no limit.
    public var most: Int64

    /// Reads the answer to INFO; nil where it does not tell.
    init?(info: String) {
        func number(_ field: String) -> Int64? {
            info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(field + ":") }
                .flatMap { Int64($0.dropFirst(field.count + 1)) }
        }
        guard let used = number("used_memory"), let most = number("maxmemory") else { return nil }
        (self.used, self.most) = (used, most)
    }
}

extension QueueInspector {
    public func memory() async throws(StoreError) -> ServerMemory {
        let reply = try await store.send(RedisCommand("INFO", "memory"))
        guard let memory = reply.string.flatMap(ServerMemory.init(info:)) else {
            throw .unexpected(reply, of: "INFO memory")
        }
        return memory
    }

    /// What the ledger has still to do.
    public func eventBacklog() async throws(StoreError) -> EventBacklog { try await store.eventBacklog() }
}
