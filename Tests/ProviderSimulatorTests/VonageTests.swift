import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

@Suite(.timeLimit(.minutes(5))) struct VonageTests {
    private static func messages(_ answer: Answer) -> [[String: String]] {
        answer.json["messages"] as? [[String: String]] ?? []
    }

    @Test func takesAText() async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.vonage(["client-ref": "0190"])
            #expect(answer.status == 200)
            #expect(answer.json["message-count"] as? String == "1")
            let message = try #require(Self.messages(answer).first)
            #expect(
                Set(message.keys) == [
                    "to", "message-id", "status", "remaining-balance", "message-price", "network", "client-ref",
                ])
            #expect(message["status"] == "0")
            #expect(message["to"] == "14155552671")
            #expect(message["client-ref"] == "0190")
            let received = try #require(simulator.received.messages().first)
            #expect(received.provider == .vonage)
            #expect(received.id == message["message-id"])
            #expect(received.body == "Hello")
        }
    }

    @Test func readsJSON() async throws {
        try await Simulator.test { client, _ in
            let body = """
                {"api_key":"k","api_secret":"s","from":"Acme","to":14155552671,"text":"x","status-report-req":false}
                """
            #expect(Self.messages(try await client.json(.post, "/sms/json", body)).first?["status"] == "0")
            for malformed in ["{", "[]", "{\"to\":{}}"] {
                let answer = try await client.json(.post, "/sms/json", malformed)
                #expect(Self.messages(answer).first?["status"] == "3", "\(malformed)")
            }
        }
    }

    @Test func aLongTextIsSeveralMessages() async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.vonage(["text": String(repeating: "a", count: 307)])
            #expect(answer.json["message-count"] as? String == "3")
            #expect(Set(Self.messages(answer).compactMap { $0["message-id"] }).count == 3)
            #expect(simulator.received.counts[.vonage]?.accepted == 1)
        }
    }

    @Test(
        arguments: [
            ([:], "api_key", "2"), ([:], "api_secret", "2"), ([:], "from", "2"), ([:], "to", "2"), ([:], "text", "2"),
            (["to": "+14155552671"], nil, "3"), (["to": "0123456789"], nil, "3"), (["type": "wappush"], nil, "3"),
            (["ttl": "19999"], nil, "3"), (["from": "+15005550006"], nil, "15"),
            (["from": "much too long a name"], nil, "15"), (["callback": "x"], nil, "23"),
            (["text": String(repeating: "x", count: 3201)], nil, "12"),
            (["client-ref": String(repeating: "x", count: 101)], nil, "3"),
        ] as [([String: String], String?, String)])
    func refusesInsideOfA200(parameters: [String: String], missing: String?, status: String) async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.vonage(parameters, without: missing)
            #expect(answer.status == 200)
            let message = try #require(Self.messages(answer).first)
            #expect(message["status"] == status)
            #expect(message["error-text"]?.isEmpty == false)
            #expect(message["message-id"] == nil)
            #expect(simulator.received.counts[.vonage] == ReceivedLog.Counts(requests: 1, refused: 1))
        }
    }

    @Test func lettersInOnlyWhoIsConfigured() async throws {
        var settings = SimulatorSettings()
        settings.vonageSecrets = ["key": "right"]
        try await Simulator.test(settings) { client, _ in
            for (key, secret, status) in [("key", "right", "0"), ("key", "wrong", "4"), ("other", "right", "4")] {
                let answer = try await client.vonage(["api_key": key, "api_secret": secret])
                #expect(Self.messages(answer).first?["status"] == status, "\(key) \(secret)")
            }
        }
    }

    @Test func aFaultIsInsideOrOutside() async throws {
        try await Simulator.test { client, simulator in
            let throttled = try await client.vonage(["text": "[simulate:vonage=1,times=1]"])
            #expect(throttled.status == 200)
            #expect(Self.messages(throttled).first?["status"] == "1")
            #expect(Self.messages(throttled).first?["error-text"]?.hasPrefix("Throughput Rate Exceeded") == true)
            let again = try await client.vonage(["text": "[simulate:vonage=1,times=1]"])
            #expect(Self.messages(again).first?["status"] == "0")
            let kept = try await client.vonage(["text": "[simulate:vonage=5,accept]"])
            #expect(Self.messages(kept).first?["status"] == "5")
            let outside = try await client.vonage(["text": "[simulate:status=503]"])
            #expect(outside.status == 503)
            #expect(try await client.text("[simulate:vonage=9]").status == 201, "Twilio has nothing like it")
            #expect(
                simulator.received.counts[.vonage]
                    == ReceivedLog.Counts(requests: 4, accepted: 2, failed: 2, throttled: 1))
        }
    }

    @Test(
        arguments: [
            ("", "delivered", "0"), ("[simulate:ends=failed:9]", "failed", "9"),
            ("[simulate:ends=expired]", "expired", "1"), ("[simulate:ends=undelivered:30003]", "delivered", "0"),
        ])
    func tellsWhatBecomesOfAText(text: String, status: String, code: String) async throws {
        try await Simulator.live { client, simulator, base in
            let answer = try await client.vonage([
                "text": "x \(text)", "client-ref": "0190", "callback": "\(base)/webhooks/receipts",
            ])
            try await eventually("both are told") { simulator.told("receipts").count >= 2 }
            let told = simulator.told("receipts").map(\.form)
            #expect(told.map { $0["status"] } == ["buffered", status])
            let last = try #require(told.last)
            for (key, value) in [
                "msisdn": "14155552671", "to": "15005550006", "err-code": code, "api-key": "key",
                "client-ref": "0190", "messageId": Self.messages(answer).first?["message-id"],
            ] { #expect(last[key] == value, "\(key)") }
            #expect(last["scts"]?.wholeMatch(of: /\d{10}/) != nil)
            #expect(
                last["message-timestamp"]?.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000/) != nil,
                "\(last["message-timestamp"] ?? "")")
        }
    }

    @Test func theAccountMaySayWhereAndHow() async throws {
        try await Simulator.live { client, simulator, base in
            let wanted = "{\"url\":\"\(base)/webhooks/receipts\",\"format\":\"json\"}"
            #expect(try await client.json(.put, "/_simulator/vonage/receipts", wanted).status == 204)
            _ = try await client.vonage(["text": "[simulate:callbacks=early+duplicate+reverse]"])
            let told = simulator.told("receipts")
            let statuses = try told.map {
                try JSONDecoder().decode([String: String].self, from: Data($0.body.utf8))["status"]
            }
            #expect(statuses == ["delivered", "delivered", "buffered", "buffered"])
            #expect(told.first?.headers?["content-type"] == "application/json")
            _ = try await client.vonage(["text": "[simulate:callbacks=early] no", "status-report-req": "0"])
            #expect(simulator.told("receipts").count == 4)
        }
    }
}
