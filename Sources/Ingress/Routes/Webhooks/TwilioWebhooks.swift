import Delivery
import HTTPTypes
import Hummingbird
import JobRuntime
import NIOCore

/// What Twilio posts: to `/api/v1/webhooks/twilio` the messages that people send to our numbers, and to
/// `/api/v1/webhooks/twilio/status/{id}` what becomes of a message of ours. A status without an id is taken as well.
struct TwilioWebhooks: Sendable {
    static let path = "/api/v1/webhooks/twilio"

    let callbacks: CallbackIntake
    let settings: CallbackSettings

    func add(to routes: Routes) {
        routes.on(.post, Self.path, for: nil) { request, context in try await take(request, context, message: nil) }
        routes.on(.post, TwilioPath.statusPath + "/{id}", for: nil) { request, context in
            guard let id = context.parameters["id"].flatMap({ JobID($0) }) else { throw Problem.noMessageID }
            return try await take(request, context, message: id)
        }
    }

    private func take(_ request: Request, _ context: IngressContext, message: JobID?) async throws -> Response {
        guard let signer = settings.twilio, let publicURL = settings.publicURL else {
            throw callbacks.notConfigured(.twilio, missing: "TWILIO_AUTH_TOKEN or PUBLIC_URL")
        }
        guard let signature = request.header("X-Twilio-Signature") else { throw Problem.notSigned }
        let body = try await callbacks.body(of: request, context)
        let url = Self.url(of: request, at: publicURL)
        // Not UTF-8, or no form: nothing that Twilio could have signed.
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else { throw Problem.notSigned }
        var isStatus = message != nil
        if request.headers[.contentType]?.mediaType == CallbackIntake.form {
            guard let form = try? FormFields(text), signer.verifies(signature, url: url, form: form) else {
                throw Problem.notSigned
            }
            isStatus = isStatus || form["MessageStatus"] != nil
        } else {
            guard signer.verifies(signature, url: url, body: body) else { throw Problem.notSigned }
        }
        try await callbacks.enqueue(
            .twilio, message: message, contentType: request.headers[.contentType], body: text,
            token: request.header("I-Twilio-Idempotency-Token"))
        return isStatus ? Response(status: .noContent) : Self.noReply
    }

    /// The address that Twilio was given. What a proxy made of the host is not looked at.
    private static func url(of request: Request, at publicURL: String) -> String {
        let base = publicURL.hasSuffix("/") ? publicURL.dropLast() : publicURL[...]
        return base + request.uri.path + (request.uri.query.map { "?\($0)" } ?? "")
    }

    /// TwiML that says nothing to whoever sent the message.
    private static let noReply = Response(
        status: .ok, headers: [.contentType: "text/xml"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: #"<?xml version="1.0" encoding="UTF-8"?><Response/>"#)))
}
