import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A receiver of webhooks: `POST /webhooks/{name}` is answered with 200 and recorded with its headers, and with whether
/// its Standard Webhooks signature holds if there is a secret to check it by.
struct WebhookRoutes: Sendable {
    private static let bodyLimit = 10 << 20

    let secrets: WebhookSecrets
    let exchange: Exchange

    func add(to router: Router<SimulatorContext>) {
        router.post("webhooks/:name", use: receive)
    }

    private func receive(_ request: Request, context: SimulatorContext) async throws -> Response {
        var request = request
        let name = try context.parameters.require("name")
        let body = try await request.collectBody(upTo: Self.bodyLimit).readableBytesView
        let id = request.headers.value("webhook-id")
        var arrival = Arrival(provider: .webhook, to: name, body: String(decoding: body, as: UTF8.self))
        arrival.headers = Self.dictionary(request.headers)
        arrival.directive = request.uri.query.flatMap { Form(query: $0)["simulate"] }
        let secrets = secrets[name]
        if !secrets.isEmpty {
            arrival.verification = Verification(
                id: id, timestamp: request.headers.value("webhook-timestamp"),
                signatures: request.headers.value("webhook-signature"), body: body, secrets: secrets, now: arrival.at)
        }
        return try await exchange.answer(arrival, to: request, context: context) { _ in
            let answer = JSONText.object { $0.member("received", name) }
            return Exchange.Acceptance(id: id ?? "", response: .json(.ok, answer))
        } failure: { failure in
            failure.response(JSONText.object { $0.member("error", failure.reason) })
        }
    }

    /// Lower-case names; the values of a repeated one joined with ", " (RFC 9110, section 5.3).
    private static func dictionary(_ headers: HTTPFields) -> [String: String] {
        Dictionary(headers.map { ($0.name.canonicalName, $0.value) }) { "\($0), \($1)" }
    }
}
