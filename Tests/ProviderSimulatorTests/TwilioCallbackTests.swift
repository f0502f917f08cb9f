import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

@Suite(.timeLimit(.minutes(5))) struct TwilioCallbackTests {
    private static func statuses(_ told: [ReceivedMessage]) -> [String] {
        told.compactMap { $0.form["MessageStatus"] }
    }

    @Test(
        arguments: [
            ("plain", ["queued", "sending", "sent", "delivered"]),
            ("[simulate:ends=undelivered]", ["queued", "sending", "sent", "undelivered"]),
            ("[simulate:ends=failed:30007]", ["queued", "sending", "failed"]),
            ("[simulate:ends=sent]", ["queued", "sending", "sent"]),
            ("[simulate:callbacks=reverse]", ["delivered", "sent", "sending", "queued"]),
            (
                "[simulate:callbacks=duplicate,ends=failed]",
                ["queued", "queued", "sending", "sending", "failed", "failed"]
            ),
            ("[simulate:drop]", ["queued", "sending", "sent", "delivered"]),
            ("[simulate:status=500,accept]", ["queued", "sending", "sent", "delivered"]),
            ("[simulate:ends=expired]", ["queued", "sending", "sent", "delivered"]),
        ])
    func tellsWhatBecomesOfAMessage(text: String, expected: [String]) async throws {
        try await Simulator.live { client, simulator, base in
            _ = try? await client.text(text, callback: "\(base)/webhooks/status")
            try await eventually("all are told") { simulator.told("status").count >= expected.count }
            #expect(Self.statuses(simulator.told("status")) == expected)
        }
    }

    @Test func carriesTwiliosFieldsAndSignature() async throws {
        try await Simulator.live { client, simulator, base in
            let url = "\(base)/webhooks/status?rc=%20x&b=1"
            let sid = try await client.text("[simulate:ends=undelivered:30005]", callback: url).json["sid"] as? String
            try await eventually("the end is told") { simulator.told("status").count == 4 }
            let last = try #require(simulator.told("status").last)
            for (key, value) in [
                "AccountSid": account, "ApiVersion": "2010-04-01", "ErrorCode": "30005", "From": "+15005550006",
                "MessageSid": sid, "MessageStatus": "undelivered", "SmsSid": sid, "SmsStatus": "undelivered",
                "To": "+14155552671",
            ] { #expect(last.form[key] == value, "\(key)") }
            #expect(last.form.fields.count == 10, "and one that nobody knows")
            let fields = last.form.fields.map { FormField($0.key, $0.value) }
            #expect(
                last.headers?["x-twilio-signature"]
                    == TwilioSigner.signature(url: url, fields: fields, token: "simulator-auth-token"))
            #expect(Set(simulator.told("status").compactMap { $0.headers?["i-twilio-idempotency-token"] }).count == 4)
            #expect(simulator.told("status").first?.form["ErrorCode"] == nil)
        }
    }

    @Test func signsWithTheAccountsOwnToken() async throws {
        var settings = SimulatorSettings.quick
        settings.twilioTokens = [account: "token"]
        try await Simulator.live(settings) { client, simulator, base in
            let url = "\(base)/webhooks/status"
            _ = try await client.text("x", callback: url)
            try await eventually("told") { !simulator.told("status").isEmpty }
            let first = try #require(simulator.told("status").first)
            let fields = first.form.fields.map { FormField($0.key, $0.value) }
            #expect(
                first.headers?["x-twilio-signature"]
                    == TwilioSigner.signature(url: url, fields: fields, token: "token"))
        }
    }

    @Test func earlyIsBeforeTheAnswer() async throws {
        try await Simulator.live { client, simulator, base in
            let answer = try await client.text("[simulate:callbacks=early]", callback: "\(base)/webhooks/status")
            #expect(answer.status == 201)
            #expect(Self.statuses(simulator.told("status")) == ["queued", "sending", "sent", "delivered"])
        }
    }

    @Test func noneIsNone() async throws {
        try await Simulator.live { client, simulator, base in
            try simulator.add(fault: "callbacks=none", to: .twilio)
            _ = try await client.text("silent", callback: "\(base)/webhooks/silent")
            simulator.faults.removeAllRules()
            _ = try await client.text("loud", callback: "\(base)/webhooks/loud")
            try await eventually("the later one is told") { simulator.told("loud").count == 4 }
            #expect(simulator.told("silent").isEmpty)
        }
    }

    @Test func isToldAgainUntilItIsTaken() async throws {
        try await Simulator.live { client, simulator, base in
            let url = "\(base)/webhooks/status?simulate=status=503,times=1"
            _ = try await client.text("[simulate:ends=failed]", callback: url)
            try await eventually("the end is told") { simulator.told("status").last?.form["SmsStatus"] == "failed" }
            try await eventually("each was refused once") { simulator.told("status").count == 6 }
            let told = simulator.told("status")
            #expect(Self.statuses(told) == ["queued", "queued", "sending", "sending", "failed", "failed"])
            #expect(told.map(\.status) == [503, 200, 503, 200, 503, 200])
            let tokens = told.compactMap { $0.headers?["i-twilio-idempotency-token"] }
            #expect(tokens[0] == tokens[1] && tokens[1] != tokens[2])
            try await eventually("it is recorded") {
                try await client.call(.get, "/_simulator/callbacks").json["count"] as? Int == 3
            }
            let recorded = try await client.call(.get, "/_simulator/callbacks?contains=MessageStatus%3Dfailed").json
            let callback = try #require((recorded["callbacks"] as? [[String: Any]])?.first)
            #expect(callback["attempts"] as? Int == 2)
            #expect(callback["status"] as? Int == 200)
        }
    }

    @Test func isGivenUpInTheEnd() async throws {
        var settings = SimulatorSettings.quick
        settings.callbacks.attempts = 2
        settings.callbacks.timeout = .seconds(1)
        try await Simulator.live(settings) { client, simulator, base in
            _ = try await client.text("[simulate:ends=sent]", callback: "\(base)/webhooks/a?simulate=status=500")
            _ = try await client.text("[simulate:ends=sent]", callback: "http://127.0.0.1:1/nobody")
            _ = try await client.text("[simulate:ends=sent]", callback: "\(base)/webhooks/b?simulate=hang")
            try await eventually("all are given up") {
                let callbacks = try await client.call(.get, "/_simulator/callbacks").json
                return callbacks["count"] as? Int == 9 && callbacks["running"] as? Int == 0
            }
            #expect(simulator.told("a").count == 6)
            for name in ["nobody", "hang"] {
                let silent = try await client.call(.get, "/_simulator/callbacks?contains=\(name)").json
                let callback = try #require((silent["callbacks"] as? [[String: Any]])?.first)
                #expect(callback["status"] == nil)
                #expect((callback["error"] as? String)?.isEmpty == false)
                #expect(callback["attempts"] as? Int == 2)
            }
        }
    }

    @Test func tooManyAreLostAndCounted() async throws {
        var settings = SimulatorSettings()
        settings.callbacks.running = 1
        settings.deliversAfter = .seconds(600)
        try await Simulator.live(settings) { client, _, base in
            for _ in 0..<3 { _ = try await client.text("x", callback: "\(base)/webhooks/a") }
            let callbacks = try await client.call(.get, "/_simulator/callbacks").json
            #expect(callbacks["running"] as? Int == 1)
            #expect(callbacks["lost"] as? Int == 2)
        }
        // Returning at all shows that a stop does not wait for the ten minutes.
    }

    @Test func canceledIsToldAndEndsIt() async throws {
        var settings = SimulatorSettings.quick
        settings.deliversAfter = .seconds(600)
        try await Simulator.live(settings) { client, simulator, base in
            let sid = try #require(
                try await client.text("x", callback: "\(base)/webhooks/a").json["sid"] as? String)
            try await eventually("queued") { Self.statuses(simulator.told("a")) == ["queued"] }
            _ = try await client.twilio(.post, "Messages/\(sid).json", ["Status": "canceled"])
            try await eventually("canceled") { Self.statuses(simulator.told("a")) == ["queued", "canceled"] }
        }
    }
}

@Suite struct TwilioSignerTests {
    private static let call = [
        FormField("CallSid", "CA1234567890ABCDE"), FormField("Caller", "+14158675309"), FormField("Digits", "1234"),
        FormField("From", "+14158675309"), FormField("To", "+18005551212"),
    ]

    @Test(arguments: [
        ("https://mycompany.com/myapp.php?foo=1&bar=2", call, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", call, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80/myapp.php?foo=1&bar=2", call, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            call + [FormField("Reason", "Participant"), FormField("ReasonConferenceEnded", "test")],
            "vOEb5UThFn24KEfnOFLQY2AE5FY="
        ),
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            [
                FormField("Sid", "CA123"), FormField("SidAccount", "AC123"), FormField("Digits", "5678"),
                FormField("Digits", "1234"), FormField("Digits", "1234"),
            ], "IK+Dwps556ElfBT0I3Rgjkr1wJU="
        ),
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2"
                + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620", [],
            "a9nBmqA0ju/hNViExpshrM61xv4="
        ),
    ])
    func vectors(url: String, fields: [FormField], expected: String) {
        #expect(TwilioSigner.signature(url: url, fields: fields.shuffled(), token: "12345") == expected)
    }
}
