import Redis

/// What became of the wish to take over at once what workers hold.
public struct Reclamation: Sendable, Equatable, Codable {
    public var queue: String
    /// Entries that can be taken at once now.
    public var handedBack = 0
    /// Entries that somebody had deleted from the stream while they were pending: their jobs are lost.
    public var lost = 0
    /// From whom.
    public var consumers: [String] = []

    public init(queue: String) { self.queue = queue }

    private enum CodingKeys: String, CodingKey {
        case queue, lost, consumers
        case handedBack = "handed_back"
    }
}

extension QueueInspector {
    /// How many entries are handed back in one call.
    private static let handbackPage = 500

    /// Makes what workers hold that show no sign of life takable at once, without waiting for the lease to run out. Such
    /// a worker may still run it, cut off from Redis: it will be refused when it settles, but the job is run twice.
    ///
    /// - Parameter idle: of living workers as well, and only what has been idle for as long; nil: only of workers without
    ///   a heartbeat, however short they have been silent.
    public func reclaim(_ queue: String, idleFor idle: Duration? = nil) async throws(StoreError) -> Reclamation {
        var reclamation = Reclamation(queue: queue)
        for lane in Lane.allCases {
            let stream = keys.stream(queue, lane)
            for consumer in try await store.summary(of: stream).held.keys.sorted() {
                let before = reclamation.handedBack
                try await handBack(consumer, of: stream, idle, &reclamation)
                if reclamation.handedBack > before, !reclamation.consumers.contains(consumer) {
                    reclamation.consumers.append(consumer)
                }
            }
        }
        return reclamation
    }

    private func handBack(
        _ consumer: String, of stream: String, _ idle: Duration?, _ reclamation: inout Reclamation
    ) async throws(StoreError) {
        var start = ""
        repeat {
            var call = ScriptCall(Scripts.handback)
            call.key(stream)
            call.key(keys.worker(consumer))
            call.words(KeySpace.group, consumer, "\(idle?.milliseconds ?? 0)")
            call.flag(idle != nil)
            call.words(start, "\(Self.handbackPage)")
            let reply = try await store.run(call)
            guard let parts = reply.array, parts.count == 3, let returned = parts[0].int, let lost = parts[1].int
            else { throw .unexpected(reply, of: "handback.lua") }
            reclamation.handedBack += Int(returned)
            reclamation.lost += Int(lost)
            start = parts[2].string ?? ""
        } while !start.isEmpty
    }
}
