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
