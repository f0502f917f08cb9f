import Hummingbird

/// Stands before each route: who asks, and whether they may.
struct Gate: Sendable {
    /// Lets a request through to its handler.
    ///
    /// - Parameter scope: what the caller must be allowed to do; nil: the route is open to all.
    func pass(
        _ request: Request, _ context: IngressContext, _ scope: Caller.Scope?,
        to handler: @concurrent (Request, IngressContext) async throws -> Response
    ) async throws -> Response {
        guard let scope else { return try await handler(request, context) }
        guard context.caller.may(scope) else { throw Problem.notAllowed(scope) }
        return try await handler(request, context)
    }
}
