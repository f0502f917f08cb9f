public import JobRuntime

extension StatusReport {
    /// What `/health` answers of a worker: a check for each queue.
    public static func health(of verdict: WorkerHealth.Verdict, _ facts: WorkerFacts) -> StatusReport {
        StatusReport(facts.queues.map { Check($0.name, faults: verdict.faults) })
    }

    /// What `/ready` answers of a worker. Postgres is no part of it: messages are sent without it.
    ///
    /// - Parameter redis: why it does not answer; nil: it does.
    public static func readiness(
        of verdict: WorkerHealth.Verdict, _ facts: WorkerFacts, redis: String?
    ) -> StatusReport {
        let state =
            facts.isStopping ? "it is stopping" : facts.queues.isEmpty ? "it has not begun yet" : nil
        return StatusReport(
            [Check("redis", fault: redis), Check("worker", fault: state)]
                + facts.queues.map { Check($0.name, faults: verdict.hindrances) })
    }
}

extension StatusReport.Check {
    fileprivate init(_ queue: String, faults: [WorkerFault]) {
        let own = faults.filter { $0.queue == queue }.map(\.description)
        self.init(queue, fault: own.isEmpty ? nil : own.joined(separator: "; "))
    }
}
