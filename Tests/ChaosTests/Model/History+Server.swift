import JobRuntime

@testable import chaos_worker

extension History {
    /// Takes in what Redis holds.
    mutating func read(_ server: ServerState) async throws {
        let keys = KeySpace()
        for fields in try await server.entries(keys.events).enumerated() {
            guard let job = fields.element["id"].flatMap({ JobID($0) }) else { continue }
            events[job, default: []].append(Event(index: fields.offset, fields: fields.element))
        }
        for queue in Chaos.queues.map(\.name) {
            letters += try await server.entries(keys.dead(queue)).map { (queue, $0) }
        }
        let unique = Chaos.queues.map { keys.unique($0.name, "") }
        let known = knownKeys
        for key in try await server.allKeys() {
            if let job = key.split(separator: ":").last.flatMap({ JobID($0) }), key == keys.record(job) {
                let (fields, life) = try await server.hash(key)
                records[job] = Stored(fields: fields, life: life)
            } else if unique.contains(where: { key.hasPrefix($0) }) {
                let (holder, life) = try await server.text(key)
                uniqueKeys[key] = (holder, life)
            } else if !known.contains(key) {
                leftovers.append(key)
            }
        }
        leftovers += try await server.unfinished()
        leftovers += try await server.traces().map { "traces of \($0)" }
    }

    /// The keys that stay when all work is done.
    private var knownKeys: Set<String> {
        let keys = KeySpace()
        let ofQueues = Chaos.queues.flatMap { queue in
            Lane.allCases.map { keys.stream(queue.name, $0) } + [keys.dead(queue.name)]
        }
        return Set(ofQueues + [keys.events, keys.queues])
    }
}
