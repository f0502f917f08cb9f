/// What wraps around every attempt: logging, metrics, tracing, a database connection, a feature flag.
///
/// A middleware sees the attempt before its handler and the outcome after it, and may change both, or throw, or not call
/// `next` at all. It runs in the attempt's task: cancellation reaches it as it reaches the handler.
public protocol JobMiddleware: Sendable {
    func run(
        _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
    ) async throws -> Outcome
}

extension ArraySlice<any JobMiddleware> {
    /// Runs the first around the second around … around the handler.
    func run(
        _ attempt: Attempt, handler: @escaping @Sendable (_ attempt: Attempt) async throws -> Outcome
    ) async throws -> Outcome {
        guard let first else { return try await handler(attempt) }
        let rest = dropFirst()
        return try await first.run(attempt) { try await rest.run($0, handler: handler) }
    }
}
