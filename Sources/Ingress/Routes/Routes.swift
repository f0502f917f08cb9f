import HTTPTypes
import Hummingbird

/// Where the routes are added: each with what its caller must be allowed to do.
struct Routes {
    let router: Router<IngressContext>
    let gate: Gate

    /// - Parameters:
    ///   - scope: nil: open to all.
    ///   - metering: whether requests count against a caller's quota of messages.
    func on(
        _ method: HTTPRequest.Method, _ path: String, for scope: Caller.Scope?, metering: Gate.Metering = .none,
        use handler: @escaping @Sendable @concurrent (Request, IngressContext) async throws -> Response
    ) {
        let gate = gate
        let passage = Gate.Passage(scope: scope, endpoint: "\(method.rawValue):\(path)", metering: metering)
        router.on(RouterPath(path), method: method) { request, context in
            try await gate.pass(request, context, passage, to: handler)
        }
    }
}
