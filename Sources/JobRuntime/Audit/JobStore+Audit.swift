import NIOCore

// What somebody asks who keeps books of all jobs beside Redis.
extension JobStore {
    /// Where jobs are, in the same order. Each answer is of one moment, so that a job on its way is never between two
    /// places.
    ///
    /// - Parameter jobs: of tracked queues, and of which queue each is.
    public func locate(_ jobs: [(id: JobID, queue: String)]) async throws(StoreError) -> [JobLocation] {
        var locations = [JobLocation](repeating: .absent, count: jobs.count)
        for (queue, indices) in Dictionary(grouping: jobs.indices, by: { jobs[$0].queue }) {
            for chunk in indices.chunks() {
                let answers = try await storage.locate(chunk.map { jobs[$0].id }, in: queue)
                for (index, answer) in zip(chunk, answers) { locations[index] = answer }
            }
        }
        return locations
    }

    /// Puts jobs back that were accepted and are nowhere: that have no record, or are not where their record says they
    /// wait. Limits of the queue are not looked at. A call that failed may be made again.
    ///
    /// A job's record goes some time after its end: who calls this must know that the job has not ended. Whether it had
    /// its effect nobody knows: its handler sees ``JobMeta/restoredAt``, and it is in doubt (``JobMemo/inDoubt``) until
    /// the handler leaves a memo that says otherwise.
    ///
    /// - Returns: what became of each, in the same order.
    public func restore(_ jobs: [RestoredJob]) async throws(StoreError) -> [Restoration] {
        if let job = jobs.first(where: { !$0.queue.isTracked }) {
            throw StoreError(.refused, "queue \(job.queue.name) is untracked: nobody can tell whether a job is there")
        }
        var results = [Restoration](repeating: .found(.absent), count: jobs.count)
        for (queue, indices) in Dictionary(grouping: jobs.indices, by: { jobs[$0].queue }) {
            for chunk in indices.chunks({ jobs[$0].payload.readableBytes }) {
                let answers = try await storage.restore(chunk.map { jobs[$0] }, to: queue)
                for (index, answer) in zip(chunk, answers) { results[index] = answer }
            }
        }
        return results
    }

    /// The jobs of a part of a queue, some hundred at a time. One that is there all the while is met; one that moves may
    /// be met twice, or in no part.
    ///
    /// - Parameter cursor: where the page before ended; nil: from the beginning.
    public func jobs(
        in queue: String, part: QueuePart, after cursor: QueuePage.Cursor? = nil
    ) async throws(StoreError) -> QueuePage {
        try await storage.jobs(in: queue, part: part, after: cursor)
    }
}
