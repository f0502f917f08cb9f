import JobRuntime

extension InMemoryStore {
    func pause(_ queue: String, _ isPaused: Bool) {
        call { memory in
            if isPaused { memory.paused.insert(queue) } else { memory.paused.remove(queue) }
        }
    }

    func pausedQueues() -> [String] { call { $0.paused.sorted() } }

    func deadLetters(of queue: String, after: DeadLetter.ID?, limit: Int) -> [DeadLetter] {
        call { memory in
            let letters = memory[queue].dead.drop { letter in after.map { letter.id <= $0 } ?? false }
            return Array(letters.prefix(limit))
        }
    }

    func hasten(_ id: JobID) -> Hastening {
        call { memory in
            guard let record = memory[record: id] else { return .answered(.notFound) }
            let (queue, state, time) = (record.shown.queue, memory.shown(record).state, memory.time)
            switch state {
            case .queued: return .answered(.queued)
            case .running: return .answered(.running)
            case .scheduled: return .answered(.scheduled)
            case .unknown where !record.isDropped: return .answered(.inDoubt)
            case .retrying, .snoozed, .parked:
                if record.job.meta.inDoubt { return .answered(.inDoubt) }
                guard let due = memory[queue].delayed[.retry]?[id] else { return .answered(.notFound) }
                if memory.isOver(due) { return .answered(.queued) }
                memory[queue].delayed[.retry]?[id] = time
                memory[record: id]?.shown.state = state.due(at: time)
                return .answered(.hastened)
            case .dead where !record.isDropped:
                guard let letter = record.shown.entry.flatMap({ DeadLetter.ID($0) }) else { break }
                return .dead(letter, queue: queue)
            case .dead, .unknown, .succeeded, .canceled, .expired, .discarded: break
            }
            return .answered(.ended(state: state.end ?? ""))
        }
    }

    func redrive(_ letters: [DeadLetter], of queue: String) -> [Bool] {
        call { memory in
            letters.map { letter in
                guard letter.isRedrivable, let id = letter.job, memory.exhume(letter.id, from: queue) else {
                    return false
                }
                var job = QueuedJob(
                    id: id, kind: letter.kind, attempt: 1, enqueuedAt: letter.enqueuedAt, payload: letter.payload,
                    meta: letter.meta)
                job.meta.redrivenAt = memory.time
                (job.meta.parkedAt, job.meta.snoozes) = (nil, 0)
                let entry = memory.append(job, to: queue, job.meta.lane)
                if let old = memory[record: id], old.shown.entry == "\(letter.id)" {
                    var record = Memory.Record(job, queue: queue, lane: job.meta.lane)
                    (record.shown.report, record.said, record.proof) = (old.shown.report, old.said, old.proof)
                    record.queue(as: entry)
                    memory[record: id] = record
                }
                return true
            }
        }
    }

    func drop(_ letters: [DeadLetter], of queue: String) -> [Bool] {
        call { memory in
            letters.map { letter in
                guard memory.exhume(letter.id, from: queue) else { return false }
                let end = memory.endOfRecords
                if let id = letter.job, memory[record: id]?.shown.entry == "\(letter.id)" {
                    memory[record: id]?.expires = end
                    memory[record: id]?.isDropped = true
                }
                return true
            }
        }
    }
}

extension JobRecord.State {
    /// The same wait, until another moment.
    fileprivate func due(at moment: Int64) -> Self {
        switch self {
        case .retrying: .retrying(due: moment)
        case .snoozed(_, let reason): .snoozed(due: moment, reason: reason)
        case .parked: .parked(due: moment)
        default: self
        }
    }

    /// How it has ended, in the word of its record; nil: it has not.
    var end: String? {
        switch self {
        case .succeeded: "done"
        case .dead: "dead"
        case .unknown: "unknown"
        case .canceled: "canceled"
        case .expired: "expired"
        case .discarded: "discarded"
        case .queued, .scheduled, .running, .retrying, .snoozed, .parked: nil
        }
    }
}

extension Memory {
    /// Puts a job among the dead letters.
    mutating func bury(_ job: QueuedJob, in queue: String, _ reason: DeadReason, _ error: String) -> DeadLetter.ID {
        let id = DeadLetter.ID(self[queue].deadSequence.next(at: time))
        self[queue].dead.append(
            DeadLetter(
                id: id, job: job.id, kind: job.kind, attempt: job.attempt, enqueuedAt: job.enqueuedAt,
                payload: job.payload, meta: job.meta, reason: reason, error: error, diedAt: time))
        return id
    }

    /// - Returns: whether the letter was there.
    mutating func exhume(_ letter: DeadLetter.ID, from queue: String) -> Bool {
        guard let index = self[queue].dead.firstIndex(where: { $0.id == letter }) else { return false }
        self[queue].dead.remove(at: index)
        return true
    }
}
