import HTTPTypes
import Hummingbird

/// `/_simulator/callbacks`: what the providers told, and how it was taken.
struct CallbackRoutes: Sendable {
    private struct Listing: Encodable {
        /// Messages that have callbacks to come.
        var running: Int
        /// Messages whose callbacks were too much.
        var lost: Int
        var count: Int
        var callbacks: [SentCallback]
    }

    let callbacks: CallbackService

    func add(to router: Router<SimulatorContext>) {
        router.group("_simulator")
            .get("callbacks", use: list)
            .delete("callbacks") { _, _ in
                callbacks.forget()
                return HTTPResponse.Status.noContent
            }
    }

    /// Newest first; `?contains=` narrows it to those with this in their address or body, `?limit=` (100) cuts it.
    private func list(_ request: Request, context: SimulatorContext) throws -> Response {
        let query = Form(query: request.uri.query)
        let part = query["contains"] ?? ""
        let sent = callbacks.sent.filter { part.isEmpty || $0.url.contains(part) || $0.body.contains(part) }
        let limit = try query.number("limit", or: 100)
        return try ControlRoutes.json(
            Listing(
                running: callbacks.running, lost: callbacks.lost, count: sent.count,
                callbacks: Array(sent.prefix(limit))))
    }
}
