import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

@Suite(.timeLimit(.minutes(5))) struct TwilioInboundTests {
    private static func inbound(_ body: String, url: String, extra: String = "") -> String {
        """
        {"to":"+15005550006","from":"+14155552671","body":"\(body)","url":"\(url)"\(extra)}
        """
    }

    @Test func tellsTheWebhook() async throws {
        try await Simulator.live { client, simulator, base in
            let url = "\(base)/webhooks/inbound?a=b"
            let extra = ",\"media\":[\"https://a.example/1\"],\"fields\":{\"OptOutType\":\"HELP\"},\"sid\":\"SMx\""
            let answer = try await client.json(
                .post, "/_simulator/twilio/inbound", Self.inbound("Grüße", url: url, extra: extra))
            #expect(answer.json["status"] as? Int == 200)
            #expect(answer.json["answer"] as? String == "{\"received\":\"inbound\"}")
            #expect(answer.json["message_sid"] as? String == "SMx")
            let told = try #require(simulator.told("inbound").first)
            for (key, value) in [
                "Body": "Grüße", "From": "+14155552671", "To": "+15005550006", "MessageSid": "SMx", "SmsSid": "SMx",
                "NumMedia": "1", "MediaUrl0": "https://a.example/1", "MediaContentType0": "image/jpeg",
                "NumSegments": "1", "OptOutType": "HELP", "AccountSid": "AC" + String(repeating: "0", count: 32),
            ] { #expect(told.form[key] == value, "\(key)") }
            let fields = told.form.fields.map { FormField($0.key, $0.value) }
            #expect(
                told.headers?["x-twilio-signature"]
                    == TwilioSigner.signature(url: url, fields: fields, token: "simulator-auth-token"))
        }
    }

    @Test func saysWhatTheWebhookAnswered() async throws {
        try await Simulator.live { client, simulator, base in
            let url = "\(base)/webhooks/inbound?simulate=status=503"
            let answer = try await client.json(.post, "/_simulator/twilio/inbound", Self.inbound("x", url: url))
            #expect(answer.json["status"] as? Int == 503)
            #expect(simulator.told("inbound").count == 1, "it is told once")
            let nobody = Self.inbound("x", url: "http://127.0.0.1:1/")
            let error = try await client.json(.post, "/_simulator/twilio/inbound", nobody).json["error"] as? String
            #expect(error?.isEmpty == false)
            let malformed = Self.inbound("x", url: "nowhere")
            #expect(try await client.json(.post, "/_simulator/twilio/inbound", malformed).status == 400)
        }
    }

    @Test func stopStopsAndStartStarts() async throws {
        try await Simulator.live { client, simulator, base in
            func say(_ text: String, extra: String = "") async throws {
                let body = Self.inbound(text, url: "\(base)/webhooks/inbound", extra: extra)
                #expect(try await client.json(.post, "/_simulator/twilio/inbound", body).status == 200)
            }
            func byService() async throws -> Answer {
                try await client.create(["To": "+14155552671", "MessagingServiceSid": service, "Body": "x"])
            }
            try await say("please stop")
            #expect(try await client.text("x").status == 201)
            try await say(" Stop\\n")
            let refused = try await client.text("x")
            #expect(refused.status == 400)
            #expect(refused.json["code"] as? Int == 21610)
            #expect(try await client.text("x", to: "+14155552672").status == 201)
            #expect(try await client.text("x", from: "+15005550016").status == 201)
            #expect(try await byService().status == 201)
            try await say("Unstop")
            #expect(try await client.text("x").status == 201)
            try await say("QUIT", extra: ",\"service\":\"\(service)\"")
            #expect(try await byService().json["code"] as? Int == 21610)
            try await say("start", extra: ",\"service\":\"\(service)\"")
            #expect(try await byService().status == 201)
        }
    }
}
