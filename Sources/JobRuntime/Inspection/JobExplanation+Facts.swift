extension JobExplanation {
    /// Explains a job from the facts. Pure.
    init(_ facts: JobFacts) {
        guard let record = facts.record else {
            self.init(facts.id, .notFound)
            summary = Self.nothingKnown(of: facts.id, at: facts.now)
            return
        }
        self.init(facts.id, Self.state(of: record, facts))
        queue = record.queue
        lane = record.lane
        kind = record.kind
        attempt = record.attempt
        enqueuedAt = Moment(record.enqueuedAt)
        age = max(0, facts.now.milliseconds - record.enqueuedAt)
        consumer = record.consumer
        deliveries = record.deliveries
        since = record.settledAt.map(Moment.init)
        // The error of an earlier attempt says nothing of a job that succeeded after all.
        if !record.state.isSuccess { error = record.error }
        report = record.report.map { Report(name: $0.name, rank: $0.rank, at: Moment($0.at), detail: $0.detail) }
        fill(record, facts)
        summary = sentence(record, facts)
    }

    private static func state(of record: JobRecord, _ facts: JobFacts) -> State {
        switch record.state {
        case .running: .running
        case .succeeded: .succeeded
        case .dead: .dead
        case .unknown: .unknown
        case .canceled: .canceled
        case .expired: .expired
        case .discarded: .discarded
        case _ where !facts.isInPlace: .lost
        case .queued: .waiting
        case .scheduled: .scheduled
        case .retrying: .retrying
        case .snoozed: .snoozed
        case .parked: .parked
        }
    }

    /// What only some states have.
    private mutating func fill(_ record: JobRecord, _ facts: JobFacts) {
        if state == .lost { return }
        switch record.state {
        case .queued:
            since = nil
            ahead = min(facts.ahead, JobFacts.countingEnds)
            isFurtherBack = facts.ahead > JobFacts.countingEnds
            obstacles = Self.obstacles(record, facts)
        case .scheduled(let due), .retrying(let due), .parked(let due):
            until = Moment(due)
            obstacles = Self.obstacles(record, facts)
        case .snoozed(let due, let reason):
            (until, self.reason) = (Moment(due), reason)
            obstacles = Self.obstacles(record, facts)
        case .running(let consumer, let idle, let deliveries):
            (self.consumer, self.deliveries, isWorkerAlive) = (consumer, deliveries, facts.runner != nil)
            let touched = Moment(facts.now.milliseconds - idle)
            let run = facts.runner?.longest.first { $0.job == record.id }
            if facts.runner == nil {
                (since, until) = (nil, Self.takeover(of: touched, facts))
                obstacles = facts.readers.isEmpty ? [.noWorker] : []
            } else {
                // Not shown by the worker's heartbeat: it began after that, and its lease was not extended yet.
                // The heartbeat goes by the worker's clock, set by Redis's: it may be a little ahead.
                since = max(run?.since ?? touched, Moment(record.enqueuedAt))
            }
        case .dead, .unknown:
            deadLetter = facts.isInPlace ? record.entry : nil
            reason = if case .dead(let reason) = record.state { reason.rawValue } else { DeadReason.unknown.rawValue }
        case .succeeded(let result): self.result = result
        case .discarded(let reason): self.reason = reason.rawValue
        case .canceled, .expired: break
        }
    }

    private static func obstacles(_ record: JobRecord, _ facts: JobFacts) -> [Obstacle] {
        var obstacles: [Obstacle] = facts.isPaused ? [.paused] : []
        if facts.readers.isEmpty {
            obstacles.append(.noWorker)
        } else if !facts.readers.contains(where: { $0.kinds.contains(record.kind) }) {
            obstacles.append(.noHandler)
        } else if case .queued = record.state, facts.held >= facts.readers.slots(of: record.queue) {
            obstacles.append(.slotsBusy)
        }
        return obstacles
    }

    /// When the first worker may take over what was last touched at a moment; nil when there is none.
    private static func takeover(of touched: Moment, _ facts: JobFacts) -> Moment? {
        facts.readers.compactMap(\.lease).min().map { Moment(touched.milliseconds + $0) }
    }

    private static func nothingKnown(of id: JobID, at now: Moment) -> String {
        """
        Nothing is known of this job. Its id was made at \(Moment(id.milliseconds).described(at: now)). Either it was \
        never enqueued here (another Redis, database or key prefix?); or it has ended, and its record has expired; or \
        its queue is untracked and keeps no records: then only its stream, its log and its dead letters tell of it.
        """
    }
}
