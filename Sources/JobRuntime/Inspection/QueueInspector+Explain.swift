import NIOCore
import Redis

extension QueueInspector {
    /// Where a job is, why it is not running, and until when.
    ///
    /// Of an untracked queue's job this is known only while it is delayed.
    public func explain(_ id: JobID) async throws(StoreError) -> JobExplanation {
        var facts = try await facts(of: id)
        // What is not where its record says may just have moved on: then the record says something else now.
        for _ in 0..<3 where !facts.isInPlace {
            guard try await store.record(of: id) != facts.record else { break }
            facts = try await self.facts(of: id)
        }
        return JobExplanation(facts)
    }

    private func facts(of id: JobID) async throws(StoreError) -> JobFacts {
        var facts = JobFacts(id: id, now: Moment(try await store.now()))
        guard let record = try await store.record(of: id) else { return facts }
        facts.record = record
        facts.isInPlace = try await isInPlace(record)
        guard !record.state.isOver else { return facts }
        let workers = try await livingWorkers()
        facts.readers = workers.filter { $0.reads(record.queue) }
        facts.isPaused = try await store.pausedQueues().contains(record.queue)
        if case .running(let consumer, _, _) = record.state {
            facts.runner = workers.first { $0.consumer == consumer }
        }
        guard case .queued = record.state, facts.isInPlace else { return facts }
        let held = try await held(of: [record.queue])
        facts.held = facts.readers.reduce(0) { $0 + (held[$1.consumer] ?? 0) }
        facts.ahead = try await ahead(of: record)
        for lane in Lane.allCases where lane < record.lane {
            facts.moreUrgent += try await store.summary(of: keys.stream(record.queue, lane)).depth
        }
        return facts
    }

    private func isInPlace(_ record: JobRecord) async throws(StoreError) -> Bool {
        switch record.state {
        case .queued: try await hasEntry(keys.stream(record.queue, record.lane), record.entry)
        case .dead, .unknown: try await hasEntry(keys.dead(record.queue), record.entry)
        case .scheduled: try await isMember(record, of: keys.scheduled(record.queue))
        case .retrying, .snoozed, .parked: try await isMember(record, of: keys.retry(record.queue))
        case .running, .succeeded, .canceled, .expired, .discarded: true
        }
    }

    private func hasEntry(_ stream: String, _ entry: String?) async throws(StoreError) -> Bool {
        guard let entry else { return false }
        return try await store.send(RedisCommand("XRANGE", stream, entry, entry)).array?.isEmpty == false
    }

    private func isMember(_ record: JobRecord, of set: String) async throws(StoreError) -> Bool {
        try await store.send(RedisCommand("ZSCORE", set, "\(record.id)")) != .null
    }

    /// How many jobs of its lane are delivered before one that waits: first comes what was handed back, then what was
    /// not delivered yet, both in the order of the stream. Beyond the bound it is not counted on.
    private func ahead(of record: JobRecord) async throws(StoreError) -> Int {
        guard let entry = record.entry.flatMap({ EntryID(ByteBuffer(string: $0)) }) else { return 0 }
        let stream = keys.stream(record.queue, record.lane)
        let summary = try await store.summary(of: stream)
        let last = summary.lastDelivered.flatMap { EntryID(ByteBuffer(string: $0)) }
        // It was delivered before, and nobody has it: it was handed back.
        if let last, entry <= last { return try await handedBack(before: entry, in: stream) }
        return summary.handedBack + (try await undelivered(before: entry, after: last, in: stream))
    }

    private func handedBack(before entry: EntryID, in stream: String) async throws(StoreError) -> Int {
        var (count, last) = (0, EntryID?.none)
        while count <= JobFacts.countingEnds {
            let rows = try await store.pendingRows(
                of: stream, consumer: KeySpace.released, after: last, limit: Self.page)
            let before = rows.prefix { $0.entry < entry }
            count += before.count
            guard before.count == Self.page else { break }
            last = before.last?.entry
        }
        return count
    }

    private func undelivered(
        before entry: EntryID, after last: EntryID?, in stream: String
    ) async throws(StoreError) -> Int {
        var (count, start) = (0, last.map { "\($0)" } ?? "0-0")
        repeat {
            var call = ScriptCall(Scripts.position)
            call.key(stream)
            call.words(start, "\(entry)", "\(Self.countingPage)")
            let reply = try await store.run(call)
            guard let parts = reply.array, parts.count == 2, let more = parts[0].int else {
                throw .unexpected(reply, of: "position.lua")
            }
            count += Int(more)
            start = parts[1].string ?? ""
        } while !start.isEmpty && count <= JobFacts.countingEnds
        return count
    }

    /// How many entries one call counts: Redis does nothing else meanwhile, and has their payloads in its hands.
    private static let countingPage = 100
}

extension JobRecord.State {
    /// Whether nothing more happens by itself.
    fileprivate var isOver: Bool {
        switch self {
        case .succeeded, .dead, .unknown, .canceled, .expired, .discarded: true
        case .queued, .scheduled, .running, .retrying, .snoozed, .parked: false
        }
    }
}
