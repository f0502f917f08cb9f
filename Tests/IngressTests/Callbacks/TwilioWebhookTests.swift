import Delivery
import HTTPTypes
import JobRuntime
import Messaging
import NIOCore
import Testing

@testable import Ingress

/// The forms of Twilio's own vectors (reference/providers.md), signed for our path by `hmac` of Python.
@Suite struct TwilioWebhookTests {
    private static let path = "/api/v1/webhooks/twilio"
    private static let id = "019b76da-a3ff-7000-8000-000000000000"
    private static let call =
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    private static let callSignature = "lxf0NU5mkLvmr8tLvOfaWeJKgBk="
    private static let status =
        "MessageSid=SM1&MessageStatus=delivered&To=%2B15559876543&Neu=Gr%C3%BC%C3%9Fe+%26+%2B1%3D2"
    private static let statusSignature = "vqRI4ia0hW+FaU4qHJEIL7ZEfdc="

    private func post(
        _ path: String, _ body: String, signature: String?, to client: Client, contentType: String? = Client.form,
        token: String? = nil
    ) async throws -> Answer {
        var headers: [String: String] = [:]
        headers["X-Twilio-Signature"] = signature
        headers["I-Twilio-Idempotency-Token"] = token
        return try await client.call(path, contentType: contentType, headers: headers, ByteBuffer(string: body))
    }

    /// Signed here, by what the vectors have proved.
    private func signature(_ path: String, _ body: String) throws -> String {
        TwilioSignature(authToken: "12345").sign(url: "https://mycompany.com" + path, form: try FormFields(body))
    }

    @Test(arguments: [
        (call, callSignature), (call, "2nbI9EC9MZ08UE52juYPmemT0DY="),
        (call + "&ReasonConferenceEnded=test&Reason=Participant", "mfYNh/NimEO2wodV2lh9f1MU/Sk="),
        ("Digits=5678&Sid=CA123&Digits=1234&SidAccount=AC123&Digits=1234", "pu4p4whH3YhTOPBig9XA8/DK1X0="),
    ])
    func whatTwilioSignedIsTaken(body: String, signature: String) async throws {
        let client = try Client.forCallbacks()
        let answer = try await post("\(Self.path)?foo=1&bar=2", body, signature: signature, to: client)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "text/xml")
        #expect(String(buffer: answer.body) == #"<?xml version="1.0" encoding="UTF-8"?><Response/>"#)
        let callback = try #require(try client.enqueued.first)
        #expect(callback.vendor == .twilio && callback.messageID == nil)
        #expect(callback.body == body && callback.contentType == Client.form)
        #expect(callback.receivedAt > 1_700_000_000_000)
    }

    @Test func aStatusNamesItsMessage() async throws {
        let client = try Client.forCallbacks()
        let answer = try await post(
            "\(Self.path)/status/\(Self.id)", Self.status, signature: Self.statusSignature, to: client,
            contentType: "\(Client.form); charset=utf-8")
        #expect(answer.status == 204)
        #expect(answer.body.readableBytes == 0)
        let callback = try #require(try client.enqueued.first)
        #expect(callback.messageID?.description == Self.id)
        #expect(callback.body == Self.status)
        guard case .status(let news) = try callback.news().news.first else {
            Issue.record("no news")
            return
        }
        #expect(news.status == .delivered && news.message == callback.messageID)
    }

    @Test func aStatusWithoutAnIDIsTaken() async throws {
        let client = try Client.forCallbacks()
        let signature = try signature(Self.path, Self.status)
        #expect(try await post(Self.path, Self.status, signature: signature, to: client).status == 204)
        #expect(try client.enqueued.map(\.messageID) == [nil])
    }

    @Test func aBodyThatIsNoFormIsVerifiedByItsHash() async throws {
        let query = "?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        let json = #"{"property": "value", "boolean": true}"#
        let client = try Client.forCallbacks()
        for (body, status) in [(json, 200), ("{}", 403)] {
            let answer = try await post(
                Self.path + query, body, signature: "VsCkjioJ85TzkWWi+YKwTdu/E+g=", to: client,
                contentType: "application/json")
            #expect(answer.status == status)
        }
        #expect(try client.enqueued.map(\.body) == [json])
    }

    @Test(
        arguments: [
            ("?foo=1&bar=2", call, nil), ("?foo=1&bar=2", call, ""), ("?foo=1&bar=2", call, "not base64"),
            ("?foo=1&bar=2", call, "lxf0NU5mkLvmr8tLvOfaWeJKgBK="), ("?foo=1&bar=2", call + "&x=", callSignature),
            ("?foo=1&bar=2", call.replacing("1234&", with: "1235&"), callSignature), ("", call, callSignature),
            ("?foo=1&bar=3", call, callSignature), ("/?foo=1&bar=2", call, callSignature),
            ("?foo=1&bar=2", "", callSignature), ("?foo=1&bar=2", "a=%ZZ", callSignature),
            ("?foo=1&bar=2", String(repeating: "a&", count: 300), callSignature),
        ] as [(String, String, String?)])
    func whatIsForgedIsNot(rest: String, body: String, signature: String?) async throws {
        let client = try Client.forCallbacks()
        try await post(Self.path + rest, body, signature: signature, to: client).expectForbidden()
        #expect(client.jobs.isEmpty)
    }

    /// A signature is for one address: a status of one message cannot be told of another.
    @Test func aStatusCannotBeMovedToAnotherMessage() async throws {
        let client = try Client.forCallbacks()
        for place in ["/status/\(JobID())", ""] {
            try await post(Self.path + place, Self.status, signature: Self.statusSignature, to: client)
                .expectForbidden()
        }
        #expect(client.jobs.isEmpty)
    }

    @Test(arguments: ["1", "019b76da-a3ff-4000-8000-000000000000", "%00"]) func anIDThatIsNone(id: String) async throws
    {
        let client = try Client.forCallbacks()
        let path = "\(Self.path)/status/\(id)"
        let signature = try signature(path, Self.status)
        #expect(try await post(path, Self.status, signature: signature, to: client).status == 404)
        #expect(client.jobs.isEmpty)
    }

    /// Neither what the client calls the host, nor what a proxy says of it, is looked at.
    @Test func theAddressIsTheConfiguredOne() async throws {
        let client = try Client.forCallbacks()
        for (base, isTaken) in [("https://mycompany.com", true), ("https://evil.test", false)] {
            let forged = TwilioSignature(authToken: "12345").sign(
                url: base + Self.path, form: try FormFields(Self.status))
            let answer = try await client.call(
                Self.path,
                headers: ["X-Twilio-Signature": forged, "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "http"],
                ByteBuffer(string: Self.status))
            #expect(answer.status == (isTaken ? 204 : 403))
        }
    }

    @Test(arguments: ["https://x.test", "https://x.test/", "https://x.test/posthaste", "https://x.test/posthaste/"])
    func thePublicAddressMayHaveAPath(publicURL: String) async throws {
        var client = try Client.forCallbacks()
        client.callbacks.publicURL = publicURL
        let id = try #require(JobID(Self.id))
        let signature = TwilioSignature(authToken: "12345").sign(
            url: TwilioPath.status(of: id, at: publicURL), form: try FormFields(Self.status))
        let answer = try await post("\(Self.path)/status/\(id)", Self.status, signature: signature, to: client)
        #expect(answer.status == 204)
    }

    @Test func aRepetitionHasTheSameKey() async throws {
        let client = try Client.forCallbacks()
        for token in ["a-1", "a-1", nil, "", String(repeating: "x", count: 129)] {
            let signature = try signature(Self.path, Self.status)
            #expect(
                try await post(Self.path, Self.status, signature: signature, to: client, token: token).status == 204)
        }
        let unique = NewJob.Unique("twilio:a-1", for: .seconds(86_400))
        #expect(client.jobs.map(\.unique) == [unique, unique, nil, nil, nil])
    }

    @Test func withoutItsSettingsThePathIsNotThere() async throws {
        for change: (inout CallbackSettings) -> Void in [{ $0.twilio = nil }, { $0.publicURL = nil }] {
            var client = try Client.forCallbacks()
            change(&client.callbacks)
            let answer = try await post(
                Self.path, Self.status, signature: try signature(Self.path, Self.status), to: client)
            #expect(answer.status == 404)
            #expect(try !answer.problem().detail.contains("TWILIO"))
            #expect(client.jobs.isEmpty)
        }
    }
}
