import Logging

extension QueueScope {
    /// Counts how a delivery ended, and says so.
    func report(_ settlement: Settlement, _ answer: Settlement.Answer) {
        switch (answer, settlement.verb) {
        case (.settled, .done):
            counters.add(to: \.done)
            log(.debug, "Job done", settlement)
        case (.settled, .expired(let error)):
            counters.add(to: \.expired)
            log(.warning, "Job has expired", settlement, ["error": "\(error)"])
        case (.settled, .discarded(let reason, let error)):
            counters.add(to: \.discarded)
            log(.info, "Job was discarded", settlement, ["error": "\(error)", "reason": "\(reason.rawValue)"])
        case (.settled, .delay(let delay)):
            counters.add(to: delay.cause == .retrying ? \.failed : \.snoozed)
            let what: Logger.Message = delay.cause == .retrying ? "Job will be tried again" : "Job was put off"
            log(.info, what, settlement, ["reason": "\(delay.text)", "wait": "\(delay.wait)"])
        case (.settled, .dead(_, let reason, let error)):
            counters.add(to: \.failed)
            log(.warning, "Job is a dead letter", settlement, ["error": "\(error)", "reason": "\(reason.rawValue)"])
        case (.settled, .release):
            counters.add(to: \.released)
            log(.info, "Job handed back", settlement)
        case (.fenced, _):
            counters.add(to: \.fenced)
            log(.warning, "Settlement fenced: the job is another worker's", settlement)
        case (.lost, _):
            log(.error, "The job could not be settled: it will be delivered again", settlement)
        }
    }

    private func log(
        _ level: Logger.Level, _ message: Logger.Message, _ settlement: Settlement,
        _ more: @autoclosure () -> Logger.Metadata = [:]
    ) {
        guard logger.logLevel <= level else { return }
        let metadata: Logger.Metadata = [
            "queue": "\(queue.name)", "job": "\(settlement.job?.description ?? "none")",
            "attempt": "\(settlement.attempt)", "deliveries": "\(settlement.deliveries)",
            "elapsed": "\(settlement.elapsed)",
        ]
        logger.log(level: level, message, metadata: metadata.merging(more()) { $1 })
    }
}
