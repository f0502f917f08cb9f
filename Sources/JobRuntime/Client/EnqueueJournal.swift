/// Must have a job before the queue has it: a place outside Redis that keeps what Redis might lose.
///
/// Both calls may come from a task that is cancelled: what was begun is to be ended all the same.
public protocol EnqueueJournal: Sendable {
    /// Keeps jobs durably. What need not be kept succeeds.
    ///
    /// - Returns: one result per job, in order; a job that fails is not enqueued, and its caller gets the error.
    func record(_ jobs: [NewJob]) async -> [Result<Void, EnqueueError>]

    /// These were recorded and then certainly not enqueued by the same call. One with an id that an earlier call has
    /// enqueued, and Redis could not say so, may be among them: what has happened to a job counts for more than this.
    func withdraw(_ jobs: [JobID], because reason: String) async

    /// Finds out whether it would keep a job now.
    func probe() async throws(StoreError)
}

extension EnqueueJournal {
    /// Enqueues what has been recorded, and withdraws what was refused. Where it is uncertain whether a job was enqueued,
    /// it stays.
    ///
    /// - Parameter call: answers each job, in order.
    func recording(
        _ jobs: [NewJob], _ call: ([NewJob]) async -> [Result<Receipt, EnqueueError>]
    ) async -> [Result<Receipt, EnqueueError>] {
        guard !jobs.isEmpty else { return [] }
        let records = await record(jobs)
        var results = [Result<Receipt, EnqueueError>](
            repeating: .failure(.unavailable("the journal did not answer")), count: jobs.count)
        var kept: [Int] = []
        for (index, record) in zip(jobs.indices, records) {
            switch record {
            case .success: kept.append(index)
            case .failure(let error): results[index] = .failure(error)
            }
        }
        guard !kept.isEmpty else { return results }
        var refused: [String: [JobID]] = [:]
        for (index, answer) in zip(kept, await call(kept.map { jobs[$0] })) {
            results[index] = answer
            if let reason = answer.refusal(of: jobs[index].id) { refused[reason, default: []].append(jobs[index].id) }
        }
        for (reason, ids) in refused { await withdraw(ids, because: reason) }
        return results
    }
}

extension Result<Receipt, EnqueueError> {
    /// Why a job is certainly not in its queue; nil: it is, or may be.
    fileprivate func refusal(of id: JobID) -> String? {
        switch self {
        case .success(let receipt): receipt.id == id ? nil : "\(receipt.id) was there before"
        case .failure(.conflict(let first)): "\(first) has its idempotency key"
        case .failure(.unavailable(let reason)), .failure(.full(let reason)): reason
        case .failure(.uncertain): nil
        }
    }
}
