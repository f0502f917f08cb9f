import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /`: what the simulator received, for a person. `?provider=`, `?outcome=`, `?to=` and `?contains=` narrow it;
/// `?refresh=<s>` loads it again by itself.
struct PageRoutes: Sendable {
    private static let rows = 200

    let received: ReceivedLog

    func add(to router: Router<SimulatorContext>) {
        router.get("/", use: page)
    }

    private func page(_ request: Request, context: SimulatorContext) throws -> Response {
        let query = Form(query: request.uri.query)
        let filter = try ReceivedFilter(query)
        let matching = received.messages(filter)
        let page = ReceivedPage(
            counts: received.counts, matching: matching.count, messages: Array(matching.prefix(Self.rows)),
            filter: filter, refreshSeconds: try query.number("refresh", or: 0))
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page.html)))
    }
}
