import JobRuntime

extension InMemoryStore {
    func settle(
        _ batch: [Settlement], of queue: JobQueue, lane: Lane, consumer: String
    ) throws(StoreError) -> [SettlementCode] {
        try call { memory throws(StoreError) in
            try memory[queue.name].requireGroup()
            return batch.map { settlement in
                let id = settlement.entry.id
                guard memory[queue.name][lane].isHeld(id, by: consumer, deliveries: settlement.deliveries) else {
                    return memory[queue.name][lane].pending[id] == nil ? .gone : .held
                }
                if case .release(let isUntouched) = settlement.verb {
                    memory[queue.name][lane].release(id, isUntouched: isUntouched)
                } else if let job = memory[queue.name][lane].remove(id) {
                    memory.end(job, settlement, of: queue.name, lane, by: consumer)
                }
                return .settled
            }
        }
    }
}

extension LaneStream {
    /// Makes an entry nobody's: the next who looks takes it.
    fileprivate mutating func release(_ id: EntryID, isUntouched: Bool) {
        pending[id]?.consumer = nil
        if isUntouched { pending[id]?.deliveries -= 1 }
    }
}

extension Memory {
    /// What becomes of a job whose entry was acknowledged and deleted. An untracked one has no record, and gets one only
    /// while it waits.
    fileprivate mutating func end(
        _ job: QueuedJob, _ settlement: Settlement, of queue: String, _ lane: Lane, by consumer: String
    ) {
        var record = self[record: job.id]
        var isProved = false
        switch settlement.verb {
        case .release: return
        case .done(let result):
            record?.shown.state = .succeeded(result: result.isEmpty ? nil : result)
            record?.expires = endOfRecords
        case .expired where record?.proof != nil, .discarded where record?.proof != nil,
            .dead where record?.proof != nil:
            // A report has proved that it is done, whatever the worker makes of it.
            let proof = record?.proof ?? ""
            isProved = true
            record?.shown.state = .succeeded(result: proof.isEmpty ? nil : proof)
            record?.expires = endOfRecords
        case .expired(let error):
            record?.shown.state = .expired
            record?.shown.error = error
            record?.expires = endOfRecords
        case .discarded(let reason, let error):
            record?.shown.state = .discarded(reason: reason)
            record?.shown.error = error
            record?.expires = endOfRecords
        case .dead(let state, let reason, let error):
            let letter = bury(job, in: queue, reason, error)
            record?.shown.state = state == .unknown ? .unknown : .dead(reason: reason)
            record?.shown.error = error
            record?.shown.entry = "\(letter)"
        case .delay(let delay):
            let due = time + delay.wait.milliseconds
            self[queue].delayed[.retry, default: [:]][job.id] = due
            var waiting = record ?? Record(job, queue: queue, lane: lane)
            waiting.delay(delay, of: job, until: due)
            record = waiting
        }
        record?.shown.settledAt = time
        record?.shown.startedAt = time - settlement.elapsed.milliseconds
        record?.shown.consumer = consumer
        record?.shown.deliveries = settlement.deliveries
        self[record: job.id] = record
        guard !isProved else { return }
        for followUp in settlement.followUps {
            _ = enqueue(followUp, to: followUp.queue, followUp.meta.lane, .none)
        }
    }
}

extension Memory.Record {
    fileprivate mutating func delay(_ delay: Settlement.Delay, of delivered: QueuedJob, until due: Int64) {
        job = delivered
        job.attempt = delay.attempt
        if let meta = delay.meta { job.meta = meta }
        shown.attempt = delay.attempt
        switch delay.cause {
        case .retrying:
            shown.state = .retrying(due: due)
            shown.error = delay.text
        case .snoozed: shown.state = .snoozed(due: due, reason: delay.text)
        case .parked: shown.state = .parked(due: due)
        }
    }
}
