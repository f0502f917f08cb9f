import Redis

extension RedisStore {
    func locate(_ jobs: [JobID], in queue: String) async throws(StoreError) -> [JobLocation] {
        var call = ScriptCall(Scripts.locate)
        call.keys(ofWhereabouts: queue, keys)
        call.words(queue, KeySpace.group)
        for id in jobs {
            call.key(keys.record(id))
            call.argument("\(id)")
        }
        let reply = try await run(call)
        return try reply.places(of: jobs.count, from: "locate.lua") { place, state in
            JobLocation(place, state)
        }
    }

    func restore(_ jobs: [RestoredJob], to queue: JobQueue) async throws(StoreError) -> [Restoration] {
        try await register(queue)
        let now = try await now()
        var call = ScriptCall(Scripts.restore)
        call.keys(ofWhereabouts: queue.name, keys)
        call.key(keys.events)
        call.key(keys.tail)
        call.words(queue.name, KeySpace.group)
        call.flag(options.keepsEvents)
        for job in jobs {
            call.key(keys.record(job.id))
            call.key(job.idempotency.map { keys.idempotency($0.key) } ?? keys.record(job.id))
            // What is out of all range would be no job any more.
            call.words("\(job.id)", job.lane.rawValue, job.kind, "\(max(1, job.attempt))")
            call.argument(job.enqueuedAt.asMoment)
            call.argument(job.start.map { "\($0.asMoment)" } ?? "")
            call.argument(job.payload)
            call.argument(job.meta(at: now).json)
            call.argument(job.idempotency.map { "\(max(1, $0.life.milliseconds))" } ?? "")
            call.argument(job.idempotency?.fingerprint ?? "")
        }
        let reply = try await run(call)
        return try reply.places(of: jobs.count, from: "restore.lua") { place, state in
            switch place {
            case "restored": .restored
            case "repeated": JobID(state).map { .repeated(by: $0) }
            default: JobLocation(place, state).map { .found($0) }
            }
        }
    }

    /// How many entries of a stream one call looks at: Redis does nothing else meanwhile, and has their payloads in its
    /// hands.
    private static let streamPage = 100
    /// About how many members of a set.
    private static let setPage = 500

    func jobs(
        in queue: String, part: QueuePart, after cursor: QueuePage.Cursor?
    ) async throws(StoreError) -> QueuePage {
        switch part {
        case .stream(let lane): try await walk(keys.stream(queue, lane), after: cursor)
        case .dead: try await walk(keys.dead(queue), after: cursor)
        case .retry: try await scan(keys.retry(queue), after: cursor)
        case .scheduled: try await scan(keys.scheduled(queue), after: cursor)
        }
    }

    private func walk(_ stream: String, after cursor: QueuePage.Cursor?) async throws(StoreError) -> QueuePage {
        var call = ScriptCall(Scripts.walk)
        call.key(stream)
        call.words(cursor?.text ?? "", "\(Self.streamPage)")
        let reply = try await run(call)
        guard let words = reply.array, let end = words.first?.string else { throw .unexpected(reply, of: "walk.lua") }
        return QueuePage(
            ids: words.dropFirst().compactMap { $0.string.flatMap { JobID($0) } },
            next: end.isEmpty ? nil : QueuePage.Cursor(end))
    }

    private func scan(_ set: String, after cursor: QueuePage.Cursor?) async throws(StoreError) -> QueuePage {
        let reply = try await send(
            RedisCommand("ZSCAN", set, cursor?.text ?? "0", "COUNT", "\(Self.setPage)"))
        guard let parts = reply.array, parts.count == 2, let next = parts[0].string, let members = parts[1].array
        else { throw .unexpected(reply, of: "ZSCAN") }
        let ids = stride(from: 0, to: members.count, by: 2).compactMap { members[$0].string.flatMap { JobID($0) } }
        return QueuePage(ids: ids, next: next == "0" ? nil : QueuePage.Cursor(next))
    }
}

extension ScriptCall {
    /// The first keys of every script that asks where a job is.
    fileprivate mutating func keys(ofWhereabouts queue: String, _ keys: KeySpace) {
        self.keys(ofLanes: queue, keys)
        key(keys.retry(queue))
        key(keys.scheduled(queue))
        key(keys.dead(queue))
    }
}

extension RedisValue {
    /// Reads a place and a state of each of so many jobs.
    fileprivate func places<Answer>(
        of count: Int, from script: String, _ read: (String, String) -> Answer?
    ) throws(StoreError) -> [Answer] {
        let words = array?.map { $0.string ?? "" } ?? []
        let answers = stride(from: 0, to: words.count - 1, by: 2).compactMap { read(words[$0], words[$0 + 1]) }
        guard answers.count == count else { throw .unexpected(self, of: script) }
        return answers
    }
}

extension JobLocation {
    /// As `whereabouts.lua` says it.
    fileprivate init?(_ place: String, _ state: String) {
        switch (place, state) {
        case ("absent", _): self = .absent
        case ("elsewhere", _): self = .elsewhere(queue: state)
        case ("waiting", _): self = .waiting
        case ("running", _): self = .running
        case ("delayed", "scheduled"): self = .scheduled
        case ("delayed", "retrying"): self = .retrying
        case ("delayed", "snoozed"): self = .snoozed
        case ("delayed", "parked"): self = .parked
        case ("dead", "dead"), ("dropped", "dead"): self = .dead(isDropped: place == "dropped")
        case ("dead", "unknown"), ("dropped", "unknown"): self = .unknown(isDropped: place == "dropped")
        case ("finished", _): self = .finished(state: state)
        case ("lost", _): self = .lost(state: state)
        default: return nil
        }
    }
}

extension Int64 {
    /// The nearest moment that can be calculated with.
    fileprivate var asMoment: Int64 { Swift.min(Swift.max(self, 0), JobMeta.moments.upperBound) }
}
