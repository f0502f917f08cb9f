import Logging

extension QueueScope {
    /// Says that an attempt begins.
    func reportBegin(_ delivered: Delivered) {
        guard logger.logLevel <= .debug else { return }
        logger.debug(
            "Processing \(options.noun) from queue: \(queue.name)",
            metadata: [
                "job": "\(delivered.isJob ? delivered.job.description : "none")",
                "attempt": .stringConvertible(delivered.attempt),
                "deliveries": .stringConvertible(delivered.deliveries),
            ])
    }

    /// Counts how a delivery ended, and says so: the one line of its attempt.
    ///
    /// - Parameters:
    ///   - delivered: what was delivered; nil where no more is known of it than its entry.
    ///   - notes: what the attempt has left.
    func report(
        _ settlement: Settlement, _ answer: Settlement.Answer, of delivered: Delivered?, _ notes: AttemptNotes? = nil
    ) {
        count(answer, settlement.verb)
        metrics.count(settlement.verb, answer)
        let end = AttemptEnd(answer, settlement.verb)
        guard logger.logLevel <= end.level else { return }
        let job = settlement.job?.description
        var metadata: Logger.Metadata = [
            "queue": .string(queue.name), "job": .string(job ?? "none"), "outcome": .string(end.outcome),
            "attempt": .stringConvertible(settlement.attempt),
            "deliveries": .stringConvertible(settlement.deliveries),
            "duration_ms": .stringConvertible(settlement.elapsed.loggedMilliseconds),
        ]
        // All that there is to find it by.
        if job == nil { metadata["entry"] = "\(settlement.entry)" }
        if let delivered, delivered.isJob { metadata["kind"] = .string(delivered.kind) }
        if let parent = (notes?.trace ?? delivered?.meta.trace)?["traceparent"] {
            metadata["trace"] = .string(String(parent.dropFirst(3).prefix(32)))
        }
        for (name, value) in notes?.facts ?? [] { metadata[name] = .string(value) }
        end.describe(settlement.verb, in: &metadata)
        logger.log(
            level: end.level, "\(end.sentence(options.noun)): \(job ?? "\(settlement.entry)")", metadata: metadata)
    }

    private func count(_ answer: Settlement.Answer, _ verb: Settlement.Verb) {
        switch (answer, verb) {
        case (.lost, _): break
        case (.fenced, _): counters.add { $0.fenced += 1 }
        case (.settled, .done): counters.add { $0.done += 1 }
        case (.settled, .expired): counters.add { $0.expired += 1 }
        case (.settled, .discarded): counters.add { $0.discarded += 1 }
        case (.settled, .delay(let delay)) where delay.cause == .retrying: counters.add { $0.failed += 1 }
        case (.settled, .delay): counters.add { $0.snoozed += 1 }
        case (.settled, .dead): counters.add { $0.failed += 1 }
        case (.settled, .release): counters.add { $0.released += 1 }
        }
    }
}

/// How an attempt ended, in the words of its line. Pure.
struct AttemptEnd {
    let level: Logger.Level
    /// In one word: what was settled, or why nothing was.
    let outcome: String

    init(_ answer: Settlement.Answer, _ verb: Settlement.Verb) {
        (level, outcome) =
            switch (answer, verb) {
            case (.fenced, _): (.warning, "fenced")
            case (.lost, _): (.error, "lost")
            case (.settled, .done): (.info, "succeeded")
            case (.settled, .expired): (.warning, "expired")
            case (.settled, .discarded): (.info, "discarded")
            case (.settled, .delay(let delay)): (.info, delay.cause.rawValue)
            case (.settled, .dead(let state, _, _)): (.warning, state.rawValue)
            case (.settled, .release): (.info, "released")
            }
    }

    /// What stands before the job's id. The first one is what other programs look for.
    func sentence(_ noun: String) -> String {
        let name = noun.prefix(1).uppercased() + noun.dropFirst()
        return switch outcome {
        case "succeeded": "Successfully processed \(noun)"
        case "expired": "\(name) has expired"
        case "discarded": "\(name) was discarded"
        case "retrying": "\(name) will be tried again"
        case "dead": "\(name) is a dead letter"
        case "unknown": "\(name) is held, since it may have had its effect"
        case "released": "\(name) handed back"
        case "fenced": "Settlement fenced, the \(noun) is another worker's"
        case "lost": "\(name) could not be settled and will be delivered again"
        default: "\(name) was put off"
        }
    }

    func describe(_ verb: Settlement.Verb, in metadata: inout Logger.Metadata) {
        switch verb {
        case .done, .release: break
        case .expired(let error): metadata["error"] = .string(error)
        case .discarded(let reason, let error), .dead(_, let reason, let error):
            metadata["reason"] = .string(reason.rawValue)
            metadata["error"] = .string(error)
        case .delay(let delay):
            metadata[delay.cause == .retrying ? "error" : "reason"] = .string(delay.text)
            metadata["wait_ms"] = .stringConvertible(delay.wait.milliseconds)
        }
    }
}

extension Duration {
    /// Milliseconds, to the microsecond.
    fileprivate var loggedMilliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1000
    }
}
