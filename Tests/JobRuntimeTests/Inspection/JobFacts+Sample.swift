@testable import JobRuntime

extension JobFacts {
    /// 2026-11-21T15:33:26.746Z.
    static let at: Int64 = 1_795_275_206_746

    /// A job that was enqueued five seconds ago, and a living worker with five slots that could run it.
    static var sample: JobFacts {
        let id = JobID()
        var facts = JobFacts(id: id, now: Moment(at))
        facts.record = JobRecord(
            id: id, queue: "work", kind: "note", state: .queued, attempt: 1, enqueuedAt: at - 5000)
        facts.record?.entry = "\(at)-0"
        var worker = WorkerStatus("a-1-x", isAlive: true)
        worker.queues = [.init("work", slots: 5)]
        worker.kinds = ["note"]
        worker.lease = 30_000
        worker.seenAt = Moment(at - 1000)
        facts.readers = [worker]
        return facts
    }
}
