import JobRuntime

extension InMemoryStore {
    func locate(_ jobs: [JobID], in queue: String) -> [JobLocation] {
        call { memory in jobs.map { memory.location(of: $0, in: queue) } }
    }

    func restore(_ jobs: [RestoredJob], to queue: JobQueue) -> [Restoration] {
        call { memory in jobs.map { memory.restore($0, to: queue.name) } }
    }

    func jobs(in queue: String, part: QueuePart, after cursor: QueuePage.Cursor?) -> QueuePage {
        call { memory in
            switch part {
            case .stream(let lane): .page(memory[queue][lane].entries.map { ("\($0.id)", $0.job.id) }, after: cursor)
            case .dead: .page(memory[queue].dead.map { ("\($0.id)", $0.job) }, after: cursor)
            case .retry: .page(memory[queue].sorted(.retry), after: cursor)
            case .scheduled: .page(memory[queue].sorted(.scheduled), after: cursor)
            }
        }
    }
}

extension QueuePage {
    /// - Parameter places: each with a name by which it is found again.
    fileprivate static func page(_ places: [(name: String, job: JobID?)], after cursor: Cursor?) -> QueuePage {
        // What it ended at may be gone: the next page begins where it would be.
        let rest = places.drop { place in
            cursor.map { (place.name.count, place.name) <= ($0.text.count, $0.text) } ?? false
        }
        let page = rest.prefix(100)
        return QueuePage(
            ids: page.compactMap(\.job), next: page.count < rest.count ? page.last.map { Cursor($0.name) } : nil)
    }
}

extension Memory.Queue {
    fileprivate func sorted(_ set: DelayedSet) -> [(String, JobID?)] {
        (delayed[set] ?? [:]).keys.map { ("\($0)", $0) }.sorted { $0.0 < $1.0 }
    }
}

extension Memory {
    fileprivate func location(of id: JobID, in queue: String) -> JobLocation {
        guard let record = self[record: id] else { return .absent }
        guard record.shown.queue == queue else { return .elsewhere(queue: record.shown.queue) }
        return switch shown(record).state {
        case .queued: .waiting
        case .running: .running
        case .scheduled: .scheduled
        case .retrying: .retrying
        case .snoozed: .snoozed
        case .parked: .parked
        case .dead: .dead(isDropped: record.isDropped)
        case .unknown: .unknown(isDropped: record.isDropped)
        case .succeeded: .finished(state: "done")
        case .canceled: .finished(state: "canceled")
        case .expired: .finished(state: "expired")
        case .discarded: .finished(state: "discarded")
        }
    }

    /// Nobody deletes anything by hand here: a job is nowhere when it has no record.
    fileprivate mutating func restore(_ lost: RestoredJob, to queue: String) -> Restoration {
        let location = location(of: lost.id, in: queue)
        guard location == .absent else { return .found(location) }
        if let request = lost.idempotency {
            let known = self.request(request.key)
            if let known, known.job != lost.id { return .repeated(by: known.job) }
            if known == nil { claim(request, for: lost.id, at: lost.enqueuedAt) }
        }
        var job = QueuedJob(
            id: lost.id, kind: lost.kind, attempt: max(1, lost.attempt), enqueuedAt: lost.enqueuedAt,
            payload: lost.payload, meta: lost.meta(at: time))
        var record = Record(job, queue: queue, lane: lost.lane)
        if let due = lost.start, due > time {
            self[queue].delayed[.scheduled, default: [:]][lost.id] = due
            record.shown.state = .scheduled(due: due)
        } else {
            job.enqueuedAt = lost.start ?? lost.enqueuedAt
            record.job = job
            record.queue(as: append(job, to: queue, lost.lane))
        }
        self[record: lost.id] = record
        return .restored
    }
}
