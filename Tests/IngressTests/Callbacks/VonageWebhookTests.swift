import Delivery
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import Ingress

/// The vector of Vonage's own library for Python, secret `secret`, HMAC-SHA256.
@Suite struct VonageWebhookTests {
    private static let signature = "a321e824b9b816be7c3f28859a31749a098713d39f613c80d455bbaffae1cd24"
    private static let form = "a=1&b=2&timestamp=1461605396&sig=\(signature)"
    private static let json = #"{"a":"1","b":"2","timestamp":"1461605396","sig":"\#(signature)"}"#

    @Test(arguments: VonageWebhooks.paths) func whatVonageSignedIsTaken(path: String) async throws {
        let client = try Client.forCallbacks()
        let answers = [
            try await client.call(path, ByteBuffer(string: Self.form)),
            try await client.call(path, contentType: "Application/JSON; charset=utf-8", ByteBuffer(string: Self.json)),
            try await client.get("\(path)?\(Self.form)"),
        ]
        #expect(answers.map(\.status) == [200, 200, 200])
        #expect(answers.allSatisfy { $0.body.readableBytes == 0 })
        let callbacks = try client.enqueued
        #expect(callbacks.map(\.vendor) == [.vonage, .vonage, .vonage])
        #expect(callbacks.map(\.body) == [Self.form, Self.json, Self.form])
        #expect(callbacks.map(\.contentType) == [Client.form, "Application/JSON; charset=utf-8", Client.form])
    }

    @Test(arguments: [
        "", "a=1&b=2&timestamp=1461605396", form.replacing("b=2", with: "b=3"), form + "&a=1", form + "&c=",
        form.replacing("a321", with: "A322"), "a=%2&\(form)", form + String(repeating: "&x", count: 300),
    ])
    func whatIsForgedIsNot(body: String) async throws {
        let client = try Client.forCallbacks()
        for path in VonageWebhooks.paths {
            try await client.call(path, ByteBuffer(string: body)).expectForbidden()
            try await client.get("\(path)?\(body)").expectForbidden()
        }
        #expect(client.jobs.isEmpty)
    }

    @Test(arguments: [nil, "", "text/plain", "application/json"]) func aFormOfAnotherType(type: String?) async throws {
        let client = try Client.forCallbacks()
        try await client.call(VonageWebhooks.paths[0], contentType: type, ByteBuffer(string: Self.form))
            .expectForbidden()
        #expect(client.jobs.isEmpty)
    }

    @Test(arguments: ["[]", "1", "{", json.replacing(":\"2\"", with: ":\"3\""), json + "x"])
    func jsonThatVonageDidNotSign(body: String) async throws {
        let client = try Client.forCallbacks()
        try await client.call(
            VonageWebhooks.paths[0], contentType: "application/json", ByteBuffer(string: body)
        ).expectForbidden()
        #expect(client.jobs.isEmpty)
    }

    @Test func aHeadTakesNothingIn() async throws {
        let client = try Client.forCallbacks()
        #expect(try await client.execute(.head, "\(VonageWebhooks.paths[0])?\(Self.form)").status == 403)
        #expect(client.jobs.isEmpty)
    }

    /// Whoever knows a number could take it off the air: what is not signed is not taken.
    @Test func withoutASecretThePathIsNotThere() async throws {
        let client = Client()
        for path in VonageWebhooks.paths {
            #expect(try await client.call(path, ByteBuffer(string: Self.form)).status == 404)
            #expect(try await client.get("\(path)?\(Self.form)").status == 404)
        }
        #expect(client.jobs.isEmpty)
    }
}

/// Bytes and bodies that no provider sends: refused, never a crash, nothing enqueued.
@Suite struct HostileCallbackTests {
    private static let paths =
        ["/api/v1/webhooks/twilio", "/api/v1/webhooks/sendgrid"] + VonageWebhooks.paths
        + ["/api/v1/webhooks/twilio/status/019b76da-a3ff-7000-8000-000000000000"]
    private static let headers = [
        "X-Twilio-Signature": "lxf0NU5mkLvmr8tLvOfaWeJKgBk=", "X-Twilio-Email-Event-Webhook-Timestamp": "1",
        "X-Twilio-Email-Event-Webhook-Signature":
            "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
    ]

    @Test(arguments: paths) func hugeBodies(path: String) async throws {
        let client = try Client.forCallbacks()
        let body = ByteBuffer(repeating: UInt8(ascii: "a"), count: 2 << 20 + 1)
        let answer = try await client.call(path, headers: Self.headers, body)
        #expect(answer.status == 413)
        #expect(try answer.problem().detail.contains("2097152"))
        // Just within, but more than a form may have.
        let most = ByteBuffer(repeating: UInt8(ascii: "&"), count: 2 << 20)
        try await client.call(path, headers: Self.headers, most).expectForbidden()
        #expect(client.jobs.isEmpty)
    }

    @Test(arguments: paths) func anyBytes(path: String) async throws {
        let client = try Client.forCallbacks()
        var generator = SeededGenerator(state: 7)
        let alphabet = Array("ab=&%+2F{}[]\":,".utf8) + [0, 0x0A, 0xC3, 0xA9, 0xFF]
        for round in 0..<150 {
            let bytes = (0..<Int.random(in: 0..<48, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let type = [Client.form, "application/json", nil][round % 3]
            try await client.call(path, contentType: type, headers: Self.headers, ByteBuffer(bytes: bytes))
                .expectForbidden()
        }
        #expect(client.jobs.isEmpty)
    }
}
