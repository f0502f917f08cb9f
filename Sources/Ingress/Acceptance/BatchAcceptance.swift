import Hummingbird
import JobRuntime

/// Takes in the messages of one request together: the good ones go, and of each bad one it is told why.
struct BatchAcceptance: Sendable {
    let acceptance: Acceptance
    let caller: Caller
    let key: IdempotencyKey?
    let trace: TraceContext?
    /// nil: the caller has no quota.
    let meter: MessageMeter?

    struct Item {
        var submission: Submission
        var receipt: Receipt
    }

    /// - Parameter places: of the messages in their request; nil: as they stand here.
    /// - Returns: what became of each, in order.
    func accept(
        _ messages: [Result<Submission, Problem>], places: [Int]? = nil
    ) async -> [Result<Item, Problem>] {
        var results: [Result<Item, Problem>] = messages.map { message in
            message.flatMap { _ in .failure(.notAccepted(retryAfter: acceptance.settings.retryAfterSeconds)) }
        }
        var submissions: [(index: Int, submission: Submission)] = []
        var jobs: [NewJob] = []
        for (index, message) in messages.enumerated() {
            switch message {
            case .failure(let problem): results[index] = .failure(problem)
            case .success(var submission):
                submission.tenant = caller.tenant
                var job = submission.job
                job.idempotency = key?.claim(job, tenant: submission.tenant, index: places?[index] ?? index)
                if let trace { job.meta.trace = trace.fields }
                submissions.append((index, submission))
                jobs.append(job)
            }
        }
        guard !jobs.isEmpty else { return results }
        let answers = await accept(jobs)
        for (entry, answer) in zip(submissions, answers) {
            results[entry.index] = answer.map { Item(submission: entry.submission, receipt: $0) }
        }
        return results
    }

    /// All of them or none, as far as the caller's quota goes.
    private func accept(_ jobs: [NewJob]) async -> [Result<Receipt, Problem>] {
        do throws(Problem) {
            try await meter?.take(jobs.count)
        } catch {
            return jobs.map { _ in .failure(error) }
        }
        let answers = await acceptance.accept(jobs)
        let unspent = answers.count { answer in
            switch answer {
            case .success(let receipt): receipt.isDuplicate
            case .failure(let problem): problem.kind != .outcomeUncertain
            }
        }
        if unspent > 0 { await meter?.giveBack(unspent) }
        return answers
    }
}
