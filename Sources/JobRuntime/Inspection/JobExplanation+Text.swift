extension JobExplanation {
    /// What the state means for this job, in a sentence or two.
    func sentence(_ record: JobRecord, _ facts: JobFacts) -> String {
        let cause = error ?? "no error was kept"
        return switch state {
        case .waiting: waiting(record, facts)
        case .scheduled: "Scheduled: \(due(facts))"
        case .retrying: "Attempt \(record.attempt) follows: \(due(facts)) The last one failed: \(cause)"
        case .snoozed:
            "Put off, without an attempt being spent: \(due(facts)) Because: \(reason ?? "no reason was kept")"
        case .parked: "Put off because no worker that was given it has a handler for \(record.kind): \(due(facts))"
        case .running: running(record, facts)
        case .succeeded: "Done\(moment("at", facts)), on attempt \(record.attempt)."
        case .dead: "Dead\(moment("since", facts)); \(reason ?? ""): \(cause)" + letterIsGone
        case .unknown:
            "Held\(moment("since", facts)), because it may or may not have had its effect: \(cause)" + letterIsGone
        case .canceled: "Canceled\(moment("at", facts)): no worker runs it."
        case .expired: "Expired\(moment("at", facts)): \(cause)"
        case .discarded: "Discarded\(moment("at", facts)); \(reason ?? ""): \(cause)"
        case .lost:
            "Its record says that it waits in \(record.queue), but it is not there: somebody deleted it from Redis."
        case .notFound: ""
        }
    }

    private var letterIsGone: String { deadLetter == nil ? " (Its dead letter was dropped.)" : "" }

    private func moment(_ word: String, _ facts: JobFacts) -> String {
        since.map { " \(word) \($0.described(at: facts.now))" } ?? ""
    }

    private func waiting(_ record: JobRecord, _ facts: JobFacts) -> String {
        let ahead = ahead ?? 0
        var text =
            isFurtherBack == true
            ? "Waiting behind more than \(ahead) others"
            : ahead == 0 ? "Waiting, next in line" : "Waiting behind \(ahead)"
        text += " in the \(record.lane.rawValue) lane of \(record.queue)"
        if facts.moreUrgent > 0 { text += ", with \(facts.moreUrgent) in more urgent lanes" }
        return text + (obstacles.isEmpty ? "; a worker will take it." : ": \(hindrance(record, facts)).")
    }

    /// When a delayed job is due, and what will be in its way then.
    private func due(_ facts: JobFacts) -> String {
        guard let until, let record = facts.record else { return "" }
        var text = until > facts.now ? "due at " : "was due at "
        text += until.described(at: facts.now)
        text += until > facts.now || obstacles.contains(.noWorker) ? "." : ", and is moved to its queue soon."
        if !obstacles.isEmpty { text += " But \(hindrance(record, facts))." }
        return text
    }

    private func hindrance(_ record: JobRecord, _ facts: JobFacts) -> String {
        obstacles.map { obstacle in
            switch obstacle {
            case .paused: "the queue is paused"
            case .noWorker: "no living worker reads the queue"
            case .noHandler: "no living worker has a handler for \(record.kind)"
            case .slotsBusy:
                switch facts.readers.slots(of: record.queue) {
                case 0: "attempts that were given up, and do not end, take all slots of its workers"
                case let slots: "all \(slots) slots of its workers are busy"
                }
            }
        }.joined(separator: ", and ")
    }

    private func running(_ record: JobRecord, _ facts: JobFacts) -> String {
        guard case .running(let consumer, let idle, let deliveries) = record.state else { return "" }
        let number = "attempt \(record.attempt), delivery \(deliveries)"
        if let since {
            return "Being run by \(consumer) since \(since.described(at: facts.now)): \(number)." + lateness(facts)
        }
        let last = Moment(facts.now.milliseconds - idle).described(at: facts.now)
        let fate =
            until.map { until in
                until > facts.now
                    ? "another worker takes it over at about \(until.described(at: facts.now))"
                    : "its lease has run out, and another worker takes it over at its next look"
            } ?? "no living worker reads the queue, so nobody takes it over"
        return "Held by \(consumer) (\(number)), which shows no sign of life; last heard of it at \(last): \(fate)."
    }

    /// A worker that was just killed still counts as living for a while.
    private func lateness(_ facts: JobFacts) -> String {
        guard let seenAt = facts.runner?.seenAt else { return "" }
        let silence = facts.now.milliseconds - seenAt.milliseconds
        guard silence > (Heartbeat.interval * 1.5).milliseconds else { return "" }
        let end = Moment(seenAt.milliseconds + Heartbeat.life.milliseconds).described(at: facts.now)
        return " But its last heartbeat was \(ageText(silence)) ago: without another it counts as dead at \(end)."
    }
}
