import JobRuntime

extension InMemoryStore {
    func enqueue(_ jobs: ArraySlice<NewJob>, to queue: JobQueue, lane: Lane, limits: QueueLimits) -> EnqueueReply {
        call { memory in
            var reply = EnqueueReply(at: memory.time)
            for (index, job) in jobs.enumerated() {
                reply.exceptions[index] = memory.enqueue(job, to: queue, lane, limits)
            }
            return reply
        }
    }

    func known(_ requests: [NewJob.Idempotency]) -> [Receipt?] {
        call { memory in requests.map { memory.known($0) } }
    }

    func probe(_ queues: [(queue: JobQueue, limits: QueueLimits)]) -> [String?] {
        call { memory in queues.map { memory[$0.queue.name].lackOfRoom($0.limits) } }
    }

    func cancel(_ id: JobID) -> Cancellation {
        call { memory in
            guard var record = memory[record: id] else { return .notFound }
            let queue = record.shown.queue
            if record.job.meta.inDoubt, record.isUnfinished, record.shown.state != .unknown { return .running }
            switch record.shown.state {
            case .queued, .running:
                guard let entry = record.entry else { return .notFound }
                let pending = memory[queue][record.shown.lane].pending[entry]
                // Handed back untouched, it waits like any other; else an attempt may have had its effect.
                if let pending, pending.consumer != nil || pending.deliveries > 0 { return .running }
                _ = memory[queue][record.shown.lane].remove(entry)
            case .scheduled: memory[queue].delayed[.scheduled]?[id] = nil
            case .retrying, .snoozed, .parked: memory[queue].delayed[.retry]?[id] = nil
            case .succeeded, .dead, .unknown, .canceled, .expired, .discarded:
                return .ended(state: record.shown.state.end ?? "")
            }
            record.shown.state = .canceled
            record.shown.settledAt = memory.time
            record.shown.startedAt = nil
            record.expires = memory.endOfRecords
            memory[record: id] = record
            return .canceled
        }
    }

    func report(_ report: JobReport, of id: JobID) -> JobReport.Reception {
        call { memory in
            guard var record = memory[record: id] else { return .notFound }
            guard record.said.insert(report.token).inserted else { return .duplicate }
            if report.provesEffect { record.proof = record.proof ?? report.detail ?? "" }
            if report.provesEffect, record.shown.isHeldOrDead {
                if let letter = record.shown.entry.flatMap({ DeadLetter.ID($0) }) {
                    _ = memory.exhume(letter, from: record.shown.queue)
                }
                record.shown.state = .succeeded(result: report.detail)
                record.shown.settledAt = memory.time
                (record.shown.error, record.shown.startedAt) = (nil, nil)
                record.isDropped = false
                record.expires = memory.endOfRecords
            }
            let isNews = record.shown.report.map { $0.rank < report.rank } ?? true
            if isNews {
                record.shown.report = JobRecord.Report(
                    name: report.name, rank: report.rank, at: memory.time, detail: report.detail)
            }
            memory[record: id] = record
            return isNews ? .applied : .outranked
        }
    }

    func record(of id: JobID) -> JobRecord? { call { memory in memory[record: id].map(memory.shown) } }
}

extension Memory {
    /// - Returns: why it was not enqueued; nil when it was.
    mutating func enqueue(
        _ new: NewJob, to queue: JobQueue, _ lane: Lane, _ limits: QueueLimits
    ) -> EnqueueReply.Exception? {
        let due = new.start.moment(from: time)
        let waits = due > time
        let isKnown = (queue.isTracked || new.start != .now) && self[record: new.id] != nil
        if let found = first(of: new, isKnown: isKnown) { return found }
        if !waits, let reason = self[queue.name].lackOfRoom(limits) { return .full(reason) }
        claim(new)

        let job = QueuedJob(
            id: new.id, kind: new.kind, attempt: 1, enqueuedAt: time, payload: new.payload, meta: new.meta)
        var record = Record(job, queue: queue.name, lane: lane)
        if waits {
            self[queue.name].delayed[.scheduled, default: [:]][new.id] = due
            record.shown.state = .scheduled(due: due)
        } else {
            record.queue(as: append(job, to: queue.name, lane))
        }
        if queue.isTracked || waits { self[record: new.id] = record }
        return nil
    }

    /// The job that keeps this one out; nil when none does.
    private func first(of new: NewJob, isKnown: Bool) -> EnqueueReply.Exception? {
        if let idempotency = new.idempotency, let first = request(idempotency.key) {
            if first.job == new.id { return .duplicate(new.id, at: first.at) }
            if !isKnown {
                return first.fingerprint == idempotency.fingerprint
                    ? .duplicate(first.job, at: first.at) : .conflict(first.job)
            }
        }
        return isKnown ? .duplicate(new.id) : holder(of: new).map { .duplicate($0) }
    }

    fileprivate func known(_ request: NewJob.Idempotency) -> Receipt? {
        guard let first = self.request(request.key), first.fingerprint == request.fingerprint else { return nil }
        return Receipt(id: first.job, enqueuedAt: first.at, isDuplicate: true)
    }

    private func holder(of new: NewJob) -> JobID? {
        if let tick = new.tick { return ticks[tick.schedule].map { $0 >= tick.at } == true ? new.id : nil }
        guard let unique = new.unique, let found = self[new.queue.name].guards[unique.key], !isOver(found.expires),
            unique.scope == .time || self[record: found.holder]?.isUnfinished ?? false
        else { return nil }
        return found.holder
    }

    /// Keeps others out from now on.
    private mutating func claim(_ new: NewJob) {
        if let tick = new.tick {
            ticks[tick.schedule] = tick.at
        } else if let unique = new.unique {
            self[new.queue.name].guards[unique.key] = Guard(
                holder: new.id, expires: time + max(1, unique.time.milliseconds))
        }
        if let idempotency = new.idempotency { claim(idempotency, for: new.id, at: time) }
    }

    mutating func claim(_ idempotency: NewJob.Idempotency, for job: JobID, at: Int64) {
        requests[idempotency.key] = Request(
            job: job, at: at, fingerprint: idempotency.fingerprint,
            expires: time + max(1, idempotency.life.milliseconds))
    }

    /// What holds an idempotency key now.
    func request(_ key: String) -> Request? { requests[key].flatMap { isOver($0.expires) ? nil : $0 } }

    /// The record, and what the pending list knows better.
    func shown(_ record: Record) -> JobRecord {
        var shown = record.shown
        if shown.state == .queued, let entry = record.entry, let pending = self[shown.queue][shown.lane].pending[entry],
            let consumer = pending.consumer
        {
            shown.state = .running(consumer: consumer, idle: time - pending.since, deliveries: pending.deliveries)
        }
        return shown
    }
}

extension Memory.Queue {
    /// Why it takes no more; nil when it does.
    fileprivate func lackOfRoom(_ limits: QueueLimits) -> String? {
        guard let most = limits.maximumDepth, lanes.reduce(0, { $0 + $1.entries.count }) >= most else { return nil }
        return "the queue holds \(most) jobs, its limit"
    }
}

extension Memory.Record {
    init(_ job: QueuedJob, queue: String, lane: Lane) {
        self.job = job
        shown = JobRecord(
            id: job.id, queue: queue, kind: job.kind, state: .queued, attempt: job.attempt,
            enqueuedAt: job.enqueuedAt)
        shown.lane = lane
        shown.payload = job.payload
    }

    mutating func queue(as entry: EntryID) {
        shown.state = .queued
        shown.entry = "\(entry)"
        self.entry = entry
    }

    fileprivate var isUnfinished: Bool {
        if isDropped { return false }
        return switch shown.state {
        case .queued, .scheduled, .running, .retrying, .snoozed, .parked, .unknown: true
        case .succeeded, .dead, .canceled, .expired, .discarded: false
        }
    }
}

extension JobRecord {
    fileprivate var isHeldOrDead: Bool {
        switch state {
        case .unknown, .dead: true
        default: false
        }
    }
}

extension NewJob.Start {
    fileprivate func moment(from now: Int64) -> Int64 {
        switch self {
        case .now: now
        case .after(let wait): now + wait.milliseconds
        case .at(let moment): moment
        }
    }
}
