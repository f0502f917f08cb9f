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

    /// One that may be accepted.
    private struct Candidate {
        var index: Int
        var submission: Submission
        var job: NewJob
        /// Why it can only be a repetition; nil: it may be new.
        var refusal: Problem?
    }

    /// - Parameter places: of the messages in their request; nil: as they stand here.
    /// - Returns: what became of each, in order.
    func accept(_ messages: [ReadMessage], places: [Int]? = nil) async -> [Result<Item, Problem>] {
        var candidates: [Candidate] = []
        var results: [Result<Item, Problem>] = messages.enumerated().map { index, message in
            let place = places?[index] ?? index
            switch message {
            case .invalid(let problem): return .failure(problem)
            case .valid(let submission):
                candidates.append(candidate(index, submission, place, nil))
                return .failure(.notAccepted(retryAfter: acceptance.settings.retryAfterSeconds))
            case .late(let submission, let problem):
                if key != nil { candidates.append(candidate(index, submission, place, problem)) }
                return .failure(problem)
            }
        }
        guard !candidates.isEmpty else { return results }
        for (candidate, answer) in zip(candidates, await accept(candidates)) {
            results[candidate.index] = answer.map { Item(submission: candidate.submission, receipt: $0) }
        }
        return results
    }

    private func candidate(_ index: Int, _ submission: Submission, _ place: Int, _ refusal: Problem?) -> Candidate {
        var submission = submission
        submission.tenant = caller.tenant
        var job = submission.job
        job.idempotency = key?.claim(job, tenant: submission.tenant, index: place)
        if let trace, !trace.isCurrent { job.meta.trace = trace.fields }
        return Candidate(index: index, submission: submission, job: job, refusal: refusal)
    }

    private func accept(_ candidates: [Candidate]) async -> [Result<Receipt, Problem>] {
        let news = candidates.filter { $0.refusal == nil }
        if news.count == candidates.count, await take(news.count) == nil { return await enqueue(news) }
        // What is a repetition is none of the limits' business.
        let known: [Receipt?]
        do throws(Problem) {
            known = try await acceptance.known(candidates.map(\.job))
        } catch {
            return candidates.map { _ in .failure(error) }
        }
        var results: [Result<Receipt, Problem>] = zip(candidates, known).map { candidate, known in
            known.map { .success($0) }
                ?? .failure(candidate.refusal ?? .notAccepted(retryAfter: acceptance.settings.retryAfterSeconds))
        }
        let open = candidates.indices.filter { candidates[$0].refusal == nil && known[$0] == nil }
        let refusal = await take(open.count)
        let answers = refusal == nil ? await enqueue(open.map { candidates[$0] }) : []
        for (place, index) in open.enumerated() {
            results[index] = refusal.map { .failure($0) } ?? answers[place]
        }
        return results
    }

    /// Takes so many messages of the caller's quota, all of them or none.
    private func take(_ count: Int) async -> Problem? {
        do throws(Problem) {
            try await meter?.take(count)
            return nil
        } catch {
            return error
        }
    }

    private func enqueue(_ candidates: [Candidate]) async -> [Result<Receipt, Problem>] {
        guard !candidates.isEmpty else { return [] }
        let answers = await acceptance.accept(candidates.map(\.job))
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
