import Redis

@testable import JobRuntime

// Producers and operators.
extension ScriptMachine {
    mutating func enqueue() async throws {
        let lane = pick(Lane.allCases)
        let count = Int.random(in: 1...3, using: &random)
        let batch = (0..<count).map { _ in make(lane) }
        let limit: Int? = isOne(in: 5) ? Int.random(in: 0...8, using: &random) : nil
        log.append("enqueue \(batch) limit \(limit.map(String.init) ?? "none")")
        let jobs = try batch.map { new in
            try NewJob(
                Note(number: new.number), id: new.id, queue: bench.queue, lane: lane,
                start: new.isForLater ? .after(.seconds(3600)) : isOne(in: 4) ? .after(.zero) : .now,
                unique: new.key.map { .init($0, for: .seconds(3600), scope: new.scope) })
        }
        let reply = try await bench.store.enqueue(
            jobs[...], to: bench.queue, lane: lane, limits: QueueLimits(maximumDepth: limit))
        let expected = model.enqueue(batch, mostEntries: limit, at: reply.at)
        try agree("kept out", found: batch.indices.map { reply.exceptions[$0] }, expected: expected)
    }

    /// A new job, or one that there was; the latter only where a record tells that there was.
    private mutating func make(_ lane: Lane) -> QueueModel.New {
        let isForLater = isOne(in: 4)
        let known = model.isTracked || isForLater ? model.records.keys.sorted() : []
        if !known.isEmpty, isOne(in: 10) {
            let number = pick(known)
            return QueueModel.New(number: number, id: ids[number], lane: lane, isForLater: isForLater)
        }
        var new = QueueModel.New(number: ids.count, id: makeID(), lane: lane, isForLater: isForLater)
        if isOne(in: 3) {
            new.key = pick(["k", "l", "m"])
            new.scope = pick([.time, .unfinished, .unfinished])
        }
        return new
    }

    mutating func cancel() async throws {
        guard !ids.isEmpty else { return }
        let number = Int.random(in: ids.indices, using: &random)
        log.append("cancel \(number)")
        try agree(
            "cancel", found: try await bench.store.cancel(ids[number]), expected: model.cancel(number))
    }

    /// Somebody else says something of a job; now and then of one that is not there any more, and now and then again.
    mutating func report() async throws {
        guard !ids.isEmpty else { return }
        let number = Int.random(in: ids.indices, using: &random)
        let rank = Int.random(in: 0...9, using: &random)
        let report = JobReport(
            name: "r\(rank)", rank: rank, detail: pick([nil, "{}"]), token: pick(["s", "t", "u", "v"]),
            provesEffect: isOne(in: 3))
        log.append("report on \(number): \(report)")
        try agree(
            "report", found: try await bench.store.report(report, of: ids[number]),
            expected: model.report(report, of: number))
    }

    /// What is known of a job.
    mutating func ask() async throws {
        guard !ids.isEmpty else { return }
        let number = Int.random(in: ids.indices, using: &random)
        log.append("ask for \(number)")
        let found = try await bench.store.record(of: ids[number])?.state.words
        try agree("state of \(number)", found: found, expected: model.state(of: number))
    }

    mutating func listLetters() async throws {
        log.append("list dead letters")
        let found = try await bench.store.deadLetters(of: "work", after: nil, limit: 1000)
        try agree("letters", found: found.map { number($0.job) }, expected: model.dead.map(\.job))
        for (index, letter) in found.enumerated() where model.dead[index].id == nil {
            model.dead[index].id = letter.id
            letters.append(letter)
        }
    }

    mutating func redrive() async throws {
        let chosen = some(letters, upTo: 3)
        guard !chosen.isEmpty else { return }
        log.append("redrive \(chosen.map { number($0.job) })")
        let found = try await bench.store.redrive(chosen, of: "work")
        try agree("redriven", found: found, expected: chosen.map { model.redrive($0.id) })
    }

    mutating func drop() async throws {
        let chosen = some(letters, upTo: 2)
        guard !chosen.isEmpty else { return }
        log.append("drop \(chosen.map { number($0.job) })")
        let found = try await bench.store.drop(chosen, of: "work")
        try agree("dropped", found: found, expected: chosen.map { model.drop($0.id) })
    }

    mutating func handBack() async throws {
        let ofTheLiving = isOne(in: 2)
        log.append("hand back, of the living: \(ofTheLiving)")
        let inspector = QueueInspector(redis: bench.redis, keys: bench.keys)
        let found = try await inspector.reclaim("work", idleFor: ofTheLiving ? .seconds(1000) : nil)
        let expected = model.handBack(ofTheLiving: ofTheLiving)
        try agree("handed back", found: found.handedBack, expected: expected.count)
        try agree("from", found: Set(found.consumers), expected: expected.consumers)
        try agree("lost", found: found.lost, expected: 0)
    }

    mutating func pause() async throws {
        model.isPaused.toggle()
        log.append(model.isPaused ? "pause" : "resume")
        try await bench.store.pause("work", model.isPaused)
        try agree("paused", found: try await bench.store.pausedQueues(), expected: model.isPaused ? ["work"] : [])
    }

    /// Makes a delayed job due, as time does.
    mutating func bringForward() async throws {
        let set = pick(DelayedSet.allCases)
        let far = (model.delayed[set] ?? [:]).filter { $0.value > model.horizon }.keys.sorted()
        guard !far.isEmpty else { return }
        let number = pick(far)
        log.append("\(number) is due")
        let due = Int64.random(in: 1...5, using: &random)
        model.delayed[set]?[number] = due
        try await bench.redis.ask("ZADD", bench.keys.delayed("work", set), "XX", "\(due)", "\(ids[number])")
    }

    mutating func promote() async throws {
        let set = pick(DelayedSet.allCases)
        let (most, mark) = (pick([1, 2, 200]), pick([1, 3, 1000]))
        log.append("promote \(set), most \(most), mark \(mark)")
        let found = try await bench.store.promote(set, of: bench.queue, most: most, mark: mark)
        let expected = model.promote(set, most: most, mark: mark)
        try agree("moved", found: found.moved, expected: expected.moved)
        let next: QueueModel.Next = found.next.map { $0 > 0 ? .later : .now } ?? .never
        try agree("next", found: next, expected: expected.next)
    }
}

extension JobRecord.State {
    /// As the model says it: without moments.
    fileprivate var words: String {
        switch self {
        case .queued: "queued"
        case .scheduled: "scheduled"
        case .running(let consumer, _, let deliveries): "running \(consumer) \(deliveries)"
        case .retrying: "retrying"
        case .snoozed(_, let reason): "snoozed \(reason)"
        case .parked: "parked"
        case .succeeded(let result): "succeeded \(result ?? "")"
        case .dead(let reason): "dead \(reason.rawValue)"
        case .unknown: "unknown"
        case .canceled: "canceled"
        case .expired: "expired"
        case .discarded(let reason): "discarded \(reason.rawValue)"
        }
    }
}
