import Logging
import Redis

/// What everything that works on one queue of one worker shares.
struct QueueScope: Sendable {
    let queue: JobQueue
    let consumer: String
    let redis: RedisClient
    let options: WorkerOptions
    let inFlight: InFlight
    let counters: WorkerCounters
    let logger: Logger

    var stream: String { options.keys.stream(queue.name) }
}

extension QueueScope {
    /// A call on entries this worker holds: stream, group, consumer, then each entry with its delivery count.
    func call(_ script: RedisScript, _ entries: some Sequence<(entry: EntryID, deliveries: Int)>) -> ScriptCall {
        var call = ScriptCall(script)
        call.key(stream)
        call.argument(KeySpace.group)
        call.argument(consumer)
        for (entry, deliveries) in entries {
            call.argument(entry.description)
            call.argument(deliveries)
        }
        return call
    }

    /// Hands entries back, takable at once and as if they had never been delivered.
    func release(_ entries: [(entry: EntryID, deliveries: Int)]) async {
        guard !entries.isEmpty else { return }
        do {
            let released = try await redis.run(call(Scripts.release, entries)).int ?? 0
            counters.add(Int(released), to: \.released)
        } catch {
            // Their lease runs out, and another worker takes them then.
            logger.warning(
                "Entries could not be handed back",
                metadata: ["queue": "\(queue.name)", "entries": "\(entries.count)", "error": "\(error)"])
        }
        for (entry, _) in entries { inFlight.end(entry) }
    }

    /// Makes the group, from the stream's beginning: whatever was queued before the first worker came is read.
    func makeGroup() async throws(RedisError) {
        do {
            _ = try await redis.send(RedisCommand("XGROUP", "CREATE", stream, KeySpace.group, "0", "MKSTREAM"))
        } catch let error where error.serverCode == "BUSYGROUP" {
            // It was there.
        }
    }
}
