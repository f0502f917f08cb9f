import HTTPTypes
import Hummingbird
import NIOCore

/// `/_simulator/sendgrid`: the Event Webhook's address and its public key.
struct SendGridEventRoutes: Sendable {
    let events: SendGridEvents

    func add(to router: Router<SimulatorContext>) {
        router.group("_simulator/sendgrid")
            .get("public-key") { _, _ in
                Response(
                    status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: events.key.publicKey)))
            }
            .put("events") { request, context in
                events.url = try await request.decode(as: CallbackAddress.self, context: context).checkedURL()
                return HTTPResponse.Status.noContent
            }
    }
}
