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

    /// Makes the group, from the stream's beginning: whatever was queued before the first worker came is read.
    func makeGroup() async throws(RedisError) {
        do {
            _ = try await redis.send(RedisCommand("XGROUP", "CREATE", stream, KeySpace.group, "0", "MKSTREAM"))
        } catch let error where error.serverCode == "BUSYGROUP" || error.serverCode == "OOM" {
            // It was there; or Redis is full and does not look: then the read tells, and may go on.
        }
    }
}
