import NIOCore
import Redis

@testable import JobRuntime

// Workers. One may act on all that it was ever delivered, as one does that was stopped for a while.
extension ScriptMachine {
    mutating func read(_ worker: String) async throws {
        let reads = some(Lane.allCases, upTo: 3).map { LaneRead($0, Int.random(in: 1...3, using: &random)) }
        log.append("\(worker) reads \(reads.map { "\($0.lane) \($0.count)" })")
        let found = try await readers[worker]?.read(reads) ?? []
        let expected = reads.flatMap { model.read($0.count, of: $0.lane, by: worker) }
        try agree("read", found: found.map { number($0.job) }, expected: expected)
        for delivered in found { try take(delivered, by: worker, deliveries: 1) }
    }

    mutating func reclaim(_ worker: String) async throws {
        let most = pick([1, 2, 5, 100])
        let onlyLeft = !isOne(in: 3)
        let scans = !isOne(in: 3)
        let start = scans ? cursors[worker] ?? [:] : nil
        log.append(
            "\(worker) reclaims \(most), \(onlyLeft ? "left" : "any") from \(start.map { "\($0)" } ?? "nowhere")")
        let claim = Claim(most: most, lease: onlyLeft ? .seconds(1000) : .zero, cursors: start)
        let found = try await bench.store.reclaim(claim, of: bench.queue, consumer: worker)
        let expected = model.reclaim(most, onlyLeft: onlyLeft, cursors: start, by: worker)
        if scans, !found.isPaused { cursors[worker] = found.cursors }
        try agree("paused", found: found.isPaused, expected: model.isPaused)
        try agree("reclaimed", found: found.delivered.map { number($0.job) }, expected: expected.jobs)
        try agree("cursors", found: found.cursors, expected: expected.cursors)
        try agree("deleted", found: found.deleted, expected: [])
        for (delivered, deliveries) in zip(found.delivered, expected.deliveries) {
            try take(delivered, by: worker, deliveries: deliveries)
        }
    }

    /// The whole job is delivered, and by the right count.
    private mutating func take(_ delivered: Delivered, by worker: String, deliveries: Int) throws {
        let number = number(delivered.job)
        guard let job = model.jobs[number] else { throw Disagreement(what: "nobody enqueued \(delivered.job)") }
        let meta = QueueModel.Meta(delivered.meta)
        try agree("deliveries of \(number)", found: delivered.deliveries, expected: deliveries)
        try agree("attempt of \(number)", found: delivered.attempt, expected: job.attempt)
        try agree("meta of \(number)", found: meta, expected: job.meta)
        try agree(
            "lanes of \(number)", found: [delivered.entry.lane, delivered.meta.lane], expected: [job.lane, job.lane])
        try agree("age of \(number)", found: delivered.enqueuedAt, expected: job.since)
        try agree(
            "payload of \(number)", found: String(buffer: delivered.payload), expected: QueueModel.payload(number))
        for index in model[job.lane].indices where model[job.lane][index].job == number {
            model[job.lane][index].entry = delivered.entry.id
        }
        hands[worker, default: []].append(delivered)
    }

    /// Some of what a worker was delivered, of one lane, entries ascending, each once; mostly what it holds.
    private mutating func choose(_ worker: String) -> [Delivered] {
        let holdsOnly = !isOne(in: 4)
        let hand = (hands[worker] ?? []).filter { delivered in
            !holdsOnly
                || model.code(delivered.entry, deliveries: delivered.deliveries, by: worker) == .settled
        }
        guard !hand.isEmpty else { return [] }
        let lane = pick(hand).entry.lane
        let chosen = some(hand.filter { $0.entry.lane == lane }, upTo: 4)
        var byEntry: [Entry: Delivered] = [:]
        for delivered in chosen { byEntry[delivered.entry] = delivered }
        return byEntry.values.sorted { $0.entry < $1.entry }
    }

    mutating func settle(_ worker: String) async throws {
        let chosen = choose(worker)
        guard let lane = chosen.first?.entry.lane else { return }
        let batch = try chosen.map { delivered in
            let verb = verb(for: delivered)
            return Settlement(
                delivered, deliveries: delivered.deliveries, elapsed: .milliseconds(12), verb: verb,
                followUps: verb.ending == nil ? [] : try followUps())
        }
        log.append(
            "\(worker) settles "
                + "\(batch.map { "\(number($0.job)) delivered \($0.deliveries): \($0.verb)\(words($0.followUps))" })")
        let found = try await bench.store.settle(batch, of: bench.queue, lane: lane, consumer: worker)
        var expected: [SettlementCode] = []
        for settlement in batch {
            let isProved = model.isProved(number(settlement.job)) && settlement.verb.isNotDone
            let code = model.settle(
                settlement.entry, deliveries: settlement.deliveries, by: worker, settlement.verb)
            expected.append(code)
            guard code == .settled, !isProved else { continue }
            for job in settlement.followUps { try await follow(job) }
        }
        try agree("settled", found: found, expected: expected)
        for (settlement, code) in zip(batch, found) where code == .settled {
            guard case .delay(let delay) = settlement.verb, delay.wait == .zero else { continue }
            let number = number(settlement.job)
            model.delayed[.retry]?[number] =
                try await bench.redis.ask("ZSCORE", bench.keys.retry("work"), "\(ids[number])").int
        }
    }

    private func words(_ followUps: [NewJob]) -> String {
        followUps.isEmpty ? "" : " and then \(followUps.map { "\(number($0.id)) \($0.meta.lane)" })"
    }

    /// Mostly none; else new jobs, or one that there was where a record tells that there was.
    private mutating func followUps() throws -> [NewJob] {
        guard isOne(in: 4) else { return [] }
        return try (0..<Int.random(in: 1...2, using: &random)).map { _ in
            let isKnown = model.isTracked && !ids.isEmpty && isOne(in: 4)
            let id = isKnown ? pick(ids) : makeID()
            return try NewJob(Note(number: number(id)), id: id, queue: bench.queue, lane: pick(Lane.allCases))
        }
    }

    /// When a job was enqueued only its script knows. It is the last in its stream, unless it was not enqueued.
    private mutating func follow(_ job: NewJob) async throws {
        let lane = job.meta.lane
        let last = try await bench.redis.ask("XREVRANGE", bench.stream(lane), "+", "-", "COUNT", "1")
        let at = last.array?.first?.array?.last?.map?["at"]?.int ?? 0
        model.follow(.init(number: number(job.id), id: job.id, lane: lane), at: at)
    }

    private mutating func verb(for delivered: Delivered) -> Settlement.Verb {
        let wait: Duration = pick([.zero, .seconds(3600)])
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: return .done(result: pick(["", "{}"]))
        case 3..<5: return .retry(after: wait, attempt: delivered.attempt + 1)
        case 5:
            var meta = delivered.meta
            meta.snoozes += 1
            if isOne(in: 2) { meta.inDoubt = false }
            return .delay(.init(.snoozed, wait: wait, attempt: delivered.attempt, text: "paused", meta: meta))
        case 6: return .delay(.init(.parked, wait: wait, attempt: delivered.attempt, text: "no handler"))
        case 7: return pick([.dead(), .unknown])
        case 8: return pick([.expired(error: "too late"), .discarded(reason: .permanent, error: "not wanted")])
        default: return .release(isUntouched: isOne(in: 2))
        }
    }

    mutating func extend(_ worker: String) async throws {
        let chosen = choose(worker)
        guard !chosen.isEmpty else { return }
        log.append("\(worker) extends \(chosen.map { "\(number($0.job)) delivered \($0.deliveries)" })")
        let found = try await bench.extend(chosen, by: worker)
        let expected = chosen.map { model.extend($0.entry, deliveries: $0.deliveries, by: worker) }
        try agree("extended", found: found, expected: expected)
    }

    /// Time passes and a worker does not renew a lease.
    mutating func leave(_ worker: String) async throws {
        let held = (hands[worker] ?? []).filter {
            model.code($0.entry, deliveries: $0.deliveries, by: worker) == .settled
        }
        guard !held.isEmpty else { return }
        let delivered = pick(held)
        log.append("\(worker) leaves \(number(delivered.job))")
        try await bench.claim(delivered.entry, by: worker, idle: 5_000_000, deliveries: delivered.deliveries)
        model.leave(delivered.entry)
    }

    mutating func beat(_ worker: String) async throws {
        let isAlive = model.alive.contains(worker)
        log.append("\(worker) \(isAlive ? "dies" : "lives")")
        if isAlive {
            try await bench.store.endHeartbeat(of: worker)
            model.alive.remove(worker)
        } else {
            _ = try await bench.store.beat([("host", "here")], of: worker, life: .seconds(3600))
            model.alive.insert(worker)
        }
    }

    /// Nothing that anybody holds goes with its consumer.
    mutating func sweep() async throws {
        log.append("sweep")
        let swept = try await bench.store.sweep(bench.queue)
        try agree("swept while they live", found: Set(swept).intersection(model.alive), expected: [])
    }
}

extension Settlement.Verb {
    fileprivate var isNotDone: Bool {
        switch self {
        case .expired, .discarded, .dead: true
        case .done, .delay, .release: false
        }
    }
}
