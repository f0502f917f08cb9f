import Crypto
import Delivery
import Foundation
import HTTPTypes
import HummingbirdTesting
import JobRuntime
import NIOCore
import Testing

@testable import Ingress

/// The vector of SendGrid's own libraries, as in reference/providers.md.
@Suite struct SendGridWebhookTests {
    static let key = """
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6\
        wEA3F+g==
        """
    private static let path = "/api/v1/webhooks/sendgrid"
    private static let timestamp = "1600112502"
    private static let signature =
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
    private static let body = """
        [{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",\
        "sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",\
        "sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",\
        "smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n
        """

    private func post(
        _ body: ByteBuffer, signature: String? = signature, timestamp: String? = timestamp, to client: Client
    ) async throws -> Answer {
        var headers: [String: String] = [:]
        headers["X-Twilio-Email-Event-Webhook-Signature"] = signature
        headers["X-Twilio-Email-Event-Webhook-Timestamp"] = timestamp
        return try await client.call(Self.path, contentType: "application/json", headers: headers, body)
    }

    @Test func theVectorIsTaken() async throws {
        let client = try Client.forCallbacks()
        let answer = try await post(ByteBuffer(string: Self.body), to: client)
        #expect(answer.status == 204)
        let callback = try #require(try client.enqueued.first)
        #expect(callback.vendor == .sendgrid && callback.body == Self.body)
        #expect(try callback.news().news.count == 1)
        #expect(client.jobs.first?.unique == nil)
    }

    @Test(
        arguments: [
            (body, nil, timestamp), (body, signature, nil), (body, "", timestamp), (body, "AAAA", timestamp),
            (body, signature, "1600112503"), (body, signature, ""), (body + " ", signature, timestamp),
            (body.replacing("hello", with: "hullo"), signature, timestamp), ("", signature, timestamp),
        ] as [(String, String?, String?)])
    func whatIsForgedIsNot(body: String, signature: String?, timestamp: String?) async throws {
        let client = try Client.forCallbacks()
        try await post(ByteBuffer(string: body), signature: signature, timestamp: timestamp, to: client)
            .expectForbidden()
        #expect(client.jobs.isEmpty)
    }

    @Test func twoMegabytesAreTakenAndNotMore() async throws {
        let key = P256.Signing.PrivateKey()
        var client = try Client.forCallbacks()
        client.callbacks.sendGrid = try SendGridSignature(
            publicKey: key.publicKey.derRepresentation.base64EncodedString())
        for (size, status) in [(2 << 20, 204), (2 << 20 + 1, 413), (5 << 20, 413)] {
            let body = [UInt8](repeating: UInt8(ascii: " "), count: size)
            let signature = try key.signature(for: Array("1".utf8) + body).derRepresentation.base64EncodedString()
            let answer = try await post(ByteBuffer(bytes: body), signature: signature, timestamp: "1", to: client)
            #expect(answer.status == status)
        }
        #expect(try client.enqueued.map(\.body.utf8.count) == [2 << 20])
    }

    @Test(arguments: [FakeIntake.Behaviour.unavailable, .uncertain])
    func whereTheQueueIsNotThereTheyAreToComeAgain(behaviour: FakeIntake.Behaviour) async throws {
        let client = try Client.forCallbacks(FakeIntake(behaviour))
        let answer = try await post(ByteBuffer(string: Self.body), to: client)
        #expect(answer.status == 503)
        #expect(answer.headers[.retryAfter] == "2")
        #expect(try answer.problem().type == "urn:posthaste:problem:queue-unavailable")
        #expect(!String(buffer: answer.body).contains("6379"))
    }

    @Test func withoutItsKeyThePathIsNotThere() async throws {
        let client = Client()
        #expect(try await post(ByteBuffer(string: Self.body), to: client).status == 404)
        #expect(client.jobs.isEmpty)
    }

    @Test func overARealSocket() async throws {
        var client = try Client.forCallbacks()
        client.setup = .live
        let answer = try await post(ByteBuffer(string: Self.body), to: client)
        #expect(answer.status == 204)
        #expect(try client.enqueued.count == 1)
    }
}
