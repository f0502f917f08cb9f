/// What runs the jobs of one kind.
///
/// A handler runs again for the same job when a worker died in the middle of it (``Attempt/deliveries`` then says so).
/// Its task is cancelled when the worker loses its lease or is told to stop; a handler that ends by throwing
/// `CancellationError` then gives the job back untouched. Any other error is a retry under the kind's policy.
public protocol JobHandler<Payload>: Sendable {
    associatedtype Payload: Job

    func run(_ job: Payload, attempt: Attempt) async throws -> Outcome
}
