import HTTPTypes
import Hummingbird

/// Where the routes are added: each with what its caller must be allowed to do.
struct Routes {
    let router: Router<IngressContext>
    let gate: Gate

    /// - Parameter scope: nil: open to all.
    func on(
        _ method: HTTPRequest.Method, _ path: String, for scope: Caller.Scope?,
        use handler: @escaping @Sendable @concurrent (Request, IngressContext) async throws -> Response
    ) {
        let gate = gate
        router.on(RouterPath(path), method: method) { request, context in
            try await gate.pass(request, context, scope, to: handler)
        }
    }
}
