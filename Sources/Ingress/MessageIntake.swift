public import JobRuntime

/// What the ingress needs of the queue: to put a job in, to ask for one, and to know that it is there.
public protocol MessageIntake: Sendable {
    /// Enqueues a job and returns once the queue has it.
    func enqueue(_ job: NewJob) async throws(EnqueueError) -> Receipt

    /// The record of a job, or nil when there is none (never was, or expired).
    func record(of id: JobID) async throws -> JobRecord?

    /// Returns if the queue answers. One round trip, bounded in time, and given up when the task is cancelled.
    func ping() async throws
}

extension JobClient: MessageIntake {}
