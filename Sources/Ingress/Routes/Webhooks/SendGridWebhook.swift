import Delivery
import HTTPTypes
import Hummingbird
import NIOCore

/// `POST /api/v1/webhooks/sendgrid`: what becomes of mails, as SendGrid's Event Webhook tells.
struct SendGridWebhook: Sendable {
    static let path = "/api/v1/webhooks/sendgrid"

    let callbacks: CallbackIntake
    let settings: CallbackSettings

    func add(to routes: Routes) {
        routes.on(.post, Self.path, for: nil) { request, context in try await take(request, context) }
    }

    private func take(_ request: Request, _ context: IngressContext) async throws -> Response {
        guard let signer = settings.sendGrid else {
            throw callbacks.notConfigured(.sendgrid, missing: "SENDGRID_WEBHOOK_PUBLIC_KEY")
        }
        guard let signature = request.header("X-Twilio-Email-Event-Webhook-Signature"),
            let timestamp = request.header("X-Twilio-Email-Event-Webhook-Timestamp")
        else { throw Problem.notSigned }
        let body = try await callbacks.body(of: request, context)
        // How old it is does not matter: SendGrid tries for a day, and each event counts once.
        guard signer.verifies(signature, timestamp: timestamp, body: body) else { throw Problem.notSigned }
        try await callbacks.enqueue(
            .sendgrid, contentType: request.headers[.contentType], body: String(buffer: body))
        return Response(status: .noContent)
    }
}
