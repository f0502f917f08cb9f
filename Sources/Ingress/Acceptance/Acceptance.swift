import JobRuntime
import Logging
import NIOCore

/// Takes messages in: what a client is told is that the queue has them, that it certainly has not, or that it is not
/// known. Everything else happens behind the queue.
struct Acceptance: Sendable {
    let intake: any MessageIntake
    let settings: IngressSettings
    let logger: Logger

    func accept(_ job: NewJob) async throws(Problem) -> Receipt {
        do throws(EnqueueError) {
            return try await intake.enqueue(job)
        } catch {
            throw refusal(error)
        }
    }

    /// What was accepted before with the jobs' idempotency keys; nil: nothing.
    ///
    /// - Throws: where it cannot be told now, which must not pass for a refusal of what may have been accepted.
    func known(_ jobs: [NewJob]) async throws(Problem) -> [Receipt?] {
        let requests = jobs.compactMap(\.idempotency)
        guard requests.count == jobs.count else { return jobs.map { _ in nil } }
        do {
            return try await intake.known(requests)
        } catch {
            throw refusal(.unavailable("\(error)"))
        }
    }

    /// - Returns: what became of each, in order.
    func accept(_ jobs: [NewJob]) async -> [Result<Receipt, Problem>] {
        await intake.enqueue(jobs).map { $0.mapError(refusal) }
    }

    /// What the client is told. What went wrong is logged here, once per message and so at a level that an outage does
    /// not flood; the queue's client tells of the outage itself. An outcome in doubt is rare, and always told.
    private func refusal(_ error: EnqueueError) -> Problem {
        switch error {
        case .unavailable(let reason):
            logger.debug("message refused: queue unavailable", metadata: ["reason": "\(reason)"])
            return .notAccepted(retryAfter: settings.retryAfterSeconds)
        case .full(let reason):
            logger.debug("message refused: queue full", metadata: ["reason": "\(reason)"])
            return .full(reason, retryAfter: settings.retryAfterSeconds)
        case .conflict(let first):
            return .idempotencyConflict(first)
        case .uncertain(let id, let reason):
            logger.warning("message in doubt: queue broke off", metadata: ["job": "\(id)", "reason": "\(reason)"])
            return .uncertain(id)
        }
    }
}
