import Delivery
import Foundation
import HTTPTypes
import JobRuntime
import NIOCore
import Testing

@testable import Ingress

extension Client {
    /// An ingress that takes the callbacks of all providers, with the keys of their published vectors.
    static func forCallbacks(_ intake: FakeIntake = FakeIntake()) throws -> Client {
        var client = Client(intake)
        client.callbacks = CallbackSettings(
            publicURL: "https://mycompany.com", twilio: TwilioSignature(authToken: "12345"),
            sendGrid: try SendGridSignature(publicKey: SendGridWebhookTests.key),
            vonage: VonageSignature(secret: "secret", method: .sha256))
        return client
    }

    func call(
        _ path: String, method: HTTPRequest.Method = .post, contentType: String? = form,
        headers: [String: String] = [:],
        _ body: ByteBuffer
    ) async throws -> Answer {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        return try await execute(method, path, headers: fields, body: body)
    }

    static let form = "application/x-www-form-urlencoded"

    /// What was enqueued, as a worker reads it.
    var enqueued: [ProviderCallback] {
        get throws {
            try jobs.map { job in
                #expect(job.queue == JobQueue("webhook_queue") && job.queue.isTracked)
                #expect(job.kind == "provider_callback")
                return try JSONDecoder().decode(ProviderCallback.self, from: Data(job.payload.readableBytesView))
            }
        }
    }
}

extension Answer {
    /// A refusal that does not say why.
    func expectForbidden(sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(status == 403, sourceLocation: sourceLocation)
        let problem = try problem()
        #expect(
            problem.detail == "Only what bears its provider's signature is taken here.",
            sourceLocation: sourceLocation)
    }
}
