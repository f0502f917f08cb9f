import Delivery
import HTTPTypes
import Hummingbird
import NIOCore

/// `/api/v1/webhooks/vonage/status` for delivery receipts and `…/inbound` for messages to our numbers. The account's
/// settings say how Vonage calls: by a GET, or by a POST of a form or of JSON.
struct VonageWebhooks: Sendable {
    static let paths = ["/api/v1/webhooks/vonage/status", "/api/v1/webhooks/vonage/inbound"]

    let callbacks: CallbackIntake
    let settings: CallbackSettings

    func add(to routes: Routes) {
        for path in Self.paths {
            routes.on(.get, path, for: nil) { request, context in try await take(request, context) }
            routes.on(.post, path, for: nil) { request, context in try await take(request, context) }
        }
    }

    private func take(_ request: Request, _ context: IngressContext) async throws -> Response {
        guard let signer = settings.vonage else {
            throw callbacks.notConfigured(.vonage, missing: "VONAGE_SIGNATURE_SECRET")
        }
        let (text, contentType) = try await content(of: request, context)
        guard let text, let fields = try? Self.fields(text, mediaType: contentType?.mediaType),
            signer.verifies(fields)
        else { throw Problem.notSigned }
        try await callbacks.enqueue(.vonage, contentType: contentType, body: text)
        return Response(status: .ok)
    }

    /// Of a GET, the query is the form. The text is nil where it is not UTF-8.
    private func content(
        of request: Request, _ context: IngressContext
    ) async throws -> (text: String?, contentType: String?) {
        if request.method == .get { return (request.uri.query ?? "", CallbackIntake.form) }
        let body = try await callbacks.body(of: request, context)
        return (String(validating: body.readableBytesView, as: UTF8.self), request.headers[.contentType])
    }

    private static func fields(_ text: String, mediaType: String?) throws -> FormFields? {
        switch mediaType {
        case CallbackIntake.form: try FormFields(text)
        case "application/json": try FormFields(vonageJSON: text)
        default: nil
        }
    }
}
