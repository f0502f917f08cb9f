import Crypto
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

@Suite(.timeLimit(.minutes(5))) struct SendGridEventTests {
    private static func events(_ simulator: Simulator) throws -> [[String: Any]] {
        try simulator.told("events").flatMap { told in
            try JSONSerialization.jsonObject(with: Data(told.body.utf8)) as? [[String: Any]] ?? []
        }
    }

    private static func live(
        _ body: @Sendable (any TestClientProtocol, Simulator) async throws -> Void
    ) async throws {
        try await Simulator.live { client, simulator, base in
            let set = try await client.json(
                .put, "/_simulator/sendgrid/events", "{\"url\":\"\(base)/webhooks/events\"}")
            #expect(set.status == 204)
            try await body(client, simulator)
        }
    }

    @Test(
        arguments: [
            ("", ["processed", "delivered"]), ("[simulate:events=deferred]", ["processed", "deferred", "delivered"]),
            ("[simulate:events=bounce]", ["processed", "bounce"]),
            ("[simulate:events=blocked]", ["processed", "bounce"]), ("[simulate:events=dropped]", ["dropped"]),
            ("[simulate:events=spamreport]", ["processed", "delivered", "spamreport"]),
            ("[simulate:events=unsubscribe]", ["processed", "delivered", "unsubscribe"]),
            ("[simulate:callbacks=reverse]", ["delivered", "processed"]),
            (
                "[simulate:callbacks=duplicate,events=bounce]", ["processed", "processed", "bounce", "bounce"]
            ),
        ])
    func tellsWhatBecomesOfAMail(subject: String, expected: [String]) async throws {
        try await Self.live { client, simulator in
            _ = try await client.mail(email(subject: "Hello \(subject)"))
            try await eventually("all are told") { try Self.events(simulator).count >= expected.count }
            let events = try Self.events(simulator)
            #expect(events.map { $0["event"] as? String } == expected)
            #expect(Set(events.compactMap { $0["sg_event_id"] as? String }).count == Set(expected).count)
        }
    }

    @Test func carriesSendGridsMembersAndOurArguments() async throws {
        try await Self.live { client, simulator in
            let mail = """
                {"personalizations":[
                {"to":[{"email":"a@b.example"}],"cc":[{"email":"c@b.example"}],"custom_args":{"message_id":"1"}},
                {"to":[{"email":"d@b.example"}],"custom_args":{"message_id":"2"}}],
                "custom_args":{"message_id":"0","run":"r"},"categories":["x"],"from":{"email":"ann@example.com"},
                "subject":"[simulate:events=blocked]","content":[{"type":"text/plain","value":"plain"}]}
                """
            let id = try #require(try await client.mail(mail).headers.value("X-Message-Id"))
            try await eventually("all are told") { try Self.events(simulator).count >= 6 }
            let bounces = try Self.events(simulator).filter { $0["event"] as? String == "bounce" }
            #expect(bounces.map { $0["email"] as? String } == ["a@b.example", "c@b.example", "d@b.example"])
            #expect(bounces.map { $0["message_id"] as? String } == ["1", "1", "2"])
            for bounce in bounces {
                #expect(bounce["run"] as? String == "r")
                #expect(bounce["type"] as? String == "blocked")
                #expect((bounce["sg_message_id"] as? String)?.hasPrefix("\(id).") == true)
                #expect((bounce["smtp-id"] as? String)?.contains(id) == true)
                #expect(bounce["category"] as? [String] == ["x"])
                #expect((bounce["timestamp"] as? Int ?? 0) > 1_700_000_000)
            }
        }
    }

    @Test func severalMailsComeTogether() async throws {
        var settings = SimulatorSettings()
        settings.deliversAfter = .zero
        settings.sendGridGathersFor = .milliseconds(500)
        try await Simulator.live(settings) { client, simulator, base in
            _ = try await client.json(
                .put, "/_simulator/sendgrid/events", "{\"url\":\"\(base)/webhooks/events\"}")
            for number in 0..<3 { _ = try await client.mail(email(to: "\(number)@b.example")) }
            try await eventually("all are told") { try Self.events(simulator).count == 6 }
            #expect(simulator.told("events").count < 6)
        }
    }

    @Test func isSignedByTheKeyItShows() async throws {
        try await Self.live { client, simulator in
            _ = try await client.mail(email(subject: "[simulate:callbacks=early]"))
            let told = try #require(simulator.told("events").first, "early is before the answer")
            let shown = try await client.call(.get, "/_simulator/sendgrid/public-key").body
            let key = try P256.Signing.PublicKey(derRepresentation: try #require(Data(base64Encoded: shown)))
            let signature = try P256.Signing.ECDSASignature(
                derRepresentation: try #require(
                    told.headers?["x-twilio-email-event-webhook-signature"].flatMap { Data(base64Encoded: $0) }))
            let timestamp = try #require(told.headers?["x-twilio-email-event-webhook-timestamp"])
            #expect(key.isValidSignature(signature, for: Data((timestamp + told.body).utf8)))
            #expect(!key.isValidSignature(signature, for: Data((timestamp + told.body + " ").utf8)))
        }
    }

    @Test func aKeyMayBeGiven() throws {
        let key = P256.Signing.PrivateKey()
        let given = try #require(EventSigningKey(base64: key.derRepresentation.base64EncodedString()))
        #expect(given.publicKey == key.publicKey.derRepresentation.base64EncodedString())
        #expect(EventSigningKey(base64: "AAAA") == nil)
        #expect(EventSigningKey(base64: "not base64") == nil)
    }

    @Test func theAddressIsCheckedAndMayBeTakenAway() async throws {
        try await Self.live { client, simulator in
            let malformed = try await client.json(.put, "/_simulator/sendgrid/events", "{\"url\":\"x\"}")
            #expect(malformed.status == 400)
            #expect(try await client.json(.put, "/_simulator/sendgrid/events", "{}").status == 204)
            #expect(try await client.mail(email(subject: "[simulate:callbacks=early]")).status == 202)
            #expect(simulator.told("events").isEmpty)
        }
    }
}
