import NIOCore
import Redis

extension RedisStore {
    func pause(_ queue: String, _ isPaused: Bool) async throws(StoreError) {
        _ = try await send(RedisCommand(isPaused ? "SADD" : "SREM", keys.paused, queue))
    }

    func pausedQueues() async throws(StoreError) -> [String] {
        (try await send(RedisCommand("SMEMBERS", keys.paused)).array ?? []).compactMap(\.string).sorted()
    }

    func cancel(_ id: JobID) async throws(StoreError) -> Cancellation {
        guard let queue = try await send(RedisCommand("HGET", keys.record(id), "queue")).string else {
            return .notFound
        }
        var call = ScriptCall(Scripts.cancel)
        call.key(keys.record(id))
        call.keys(ofLanes: queue, keys)
        call.key(keys.retry(queue))
        call.key(keys.scheduled(queue))
        call.key(keys.events)
        call.key(keys.tail)
        call.words("\(id)", queue, KeySpace.group)
        call.flag(options.keepsEvents)
        call.argument(options.recordTTL.milliseconds)
        switch try await run(call).string ?? "" {
        case "": return .notFound
        case "taken": return .canceled
        case "running": return .running
        case let state: return .ended(state: state)
        }
    }

    func deadLetters(
        of queue: String, after: DeadLetter.ID?, limit: Int
    ) async throws(StoreError) -> [DeadLetter] {
        // Redis calls it an error to ask for what comes after the last id that there can be.
        guard after?.entry != .last else { return [] }
        let start = after.map { "(\($0)" } ?? "-"
        let reply = try await send(RedisCommand("XRANGE", keys.dead(queue), start, "+", "COUNT", "\(limit)"))
        return (reply.array ?? []).compactMap(DeadLetter.init)
    }

    func hasten(_ id: JobID) async throws(StoreError) -> Hastening {
        guard let queue = try await send(RedisCommand("HGET", keys.record(id), "queue")).string else {
            return .answered(.notFound)
        }
        var call = ScriptCall(Scripts.hasten)
        call.key(keys.record(id))
        call.keys(ofLanes: queue, keys)
        call.key(keys.retry(queue))
        call.words("\(id)", queue, KeySpace.group)
        let reply = try await run(call)
        let words = (reply.array ?? []).compactMap(\.string)
        switch words.first {
        case "": return .answered(.notFound)
        case "hastened": return .answered(.hastened)
        case "queued": return .answered(.queued)
        case "running": return .answered(.running)
        case "scheduled": return .answered(.scheduled)
        case "in_doubt": return .answered(.inDoubt)
        case "ended" where words.count == 2: return .answered(.ended(state: words[1]))
        case "dead" where words.count == 2:
            guard let letter = DeadLetter.ID(words[1]) else { return .answered(.ended(state: "dead")) }
            return .dead(letter, queue: queue)
        default: throw .unexpected(reply, of: "hasten.lua")
        }
    }

    func redrive(_ letters: [DeadLetter], of queue: String) async throws(StoreError) -> [Bool] {
        let now = try await now()
        var call = ScriptCall(Scripts.redrive)
        call.key(keys.dead(queue))
        call.keys(ofLanes: queue, keys)
        call.key(keys.events)
        call.key(keys.tail)
        call.argument(queue)
        call.flag(options.keepsEvents)
        for letter in letters {
            let job = letter.job?.description ?? ""
            var meta = letter.meta
            meta.redrivenAt = now
            (meta.parkedAt, meta.snoozes) = (nil, 0)
            call.key(keys.record(job))
            call.words("\(letter.id)", meta.lane.rawValue, job, letter.kind, "\(letter.enqueuedAt)")
            call.argument(letter.payload)
            call.argument(meta.json)
        }
        return (try await run(call).array ?? []).map { $0.int == 1 }
    }

    func drop(_ letters: [DeadLetter], of queue: String) async throws(StoreError) -> [Bool] {
        var call = ScriptCall(Scripts.drop)
        call.key(keys.dead(queue))
        call.key(keys.events)
        call.key(keys.tail)
        call.argument(queue)
        call.flag(options.keepsEvents)
        call.argument(options.recordTTL.milliseconds)
        for letter in letters {
            let job = letter.job?.description ?? ""
            call.key(keys.record(job))
            call.words("\(letter.id)", job, "\(letter.attempt)")
        }
        return (try await run(call).array ?? []).map { $0.int == 1 }
    }
}

extension DeadLetter {
    /// Reads an entry of the stream of dead letters.
    init?(_ value: RedisValue) {
        guard let parts = value.array, parts.count == 2, let entry = parts[0].bytes.flatMap(EntryID.init),
            let fields = parts[1].map
        else { return nil }
        let reason = DeadReason(rawValue: fields["reason"]?.string ?? "")
        // What was taken in from elsewhere, or has lost its record, has no more than a reason.
        let isWhole = reason != .undecodable || fields["kind"] != nil
        self.init(
            id: ID(entry), job: isWhole ? fields["id"]?.string.flatMap { JobID($0) } : nil,
            kind: fields["kind"]?.string ?? "", attempt: Int(fields["attempt"]?.int ?? 0),
            enqueuedAt: fields["at"]?.int ?? 0, payload: fields["payload"]?.bytes ?? ByteBuffer(),
            meta: fields["meta"]?.bytes.flatMap(JobMeta.init) ?? JobMeta(), reason: reason,
            error: fields["error"]?.string ?? "", diedAt: fields["died_at"]?.int ?? Int64(clamping: entry.milliseconds))
    }
}
