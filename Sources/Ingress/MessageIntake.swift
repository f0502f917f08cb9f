public import JobRuntime

/// What the ingress needs of the queue. Of ``JobClient`` the methods have the same meaning.
public protocol MessageIntake: Sendable {
    /// Enqueues a job and returns once the queue has it.
    func enqueue(_ job: NewJob) async throws(EnqueueError) -> Receipt

    /// - Returns: what became of each, in order.
    func enqueue(_ jobs: [NewJob]) async -> [Result<Receipt, EnqueueError>]

    func known(_ requests: [NewJob.Idempotency]) async throws -> [Receipt?]

    /// The record of a job, or nil when there is none (never was, or expired).
    func record(of id: JobID) async throws -> JobRecord?

    func cancel(_ id: JobID) async throws -> Cancellation

    func retry(_ id: JobID) async throws -> Retrial

    /// Returns if the queue would take jobs, and for each of these that would not, why. One round trip, given up when the
    /// task is cancelled.
    func probe(_ queues: [JobQueue]) async throws -> [JobQueue: String]
}

extension JobClient: MessageIntake {}
