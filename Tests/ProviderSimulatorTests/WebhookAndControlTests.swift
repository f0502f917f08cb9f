import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

@Suite struct WebhookTests {
    @Test func recordsHeadersAndBody() async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.call(
                .post, "/webhooks/orders", [.contentType: "application/json", .userAgent: "me"], "{\"a\":1}")
            #expect(answer.status == 200)
            let message = try #require(simulator.received.messages().first)
            #expect(message.to == "orders")
            #expect(message.body == "{\"a\":1}")
            #expect(message.headers?["user-agent"] == "me")
            #expect(message.verified == nil)
        }
    }

    @Test func verifiesWhenThereIsASecret() async throws {
        var settings = SimulatorSettings()
        settings.webhookSecrets = [try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))]
        try await Simulator.test(settings) { client, simulator in
            #expect(try await client.call(.post, "/webhooks/orders", [:], "{}").status == 200)
            let message = try #require(simulator.received.messages().first)
            #expect(message.verified == false)
            #expect(message.verificationError == "a header is missing")
        }
    }

    @Test func theAddressMayCarryAFault() async throws {
        try await Simulator.test { client, _ in
            let statuses = try await [0, 1].asyncMap { _ in
                try await client.call(.post, "/webhooks/a?simulate=status=410,times=1", [:], "x").status
            }
            #expect(statuses == [410, 200])
        }
    }
}

@Suite struct ControlTests {
    @Test func listsWhatWasReceived() async throws {
        try await Simulator.test { client, _ in
            for body in ["one", "two", "two"] { _ = try await client.text(body) }
            _ = try await client.text("bad", to: "1")
            _ = try await client.mail(email(subject: "two"))
            for (query, count) in [
                ("", 5), ("?provider=twilio", 4), ("?outcome=refused", 1), ("?contains=two", 3),
                ("?provider=twilio&contains=two", 2), ("?to=bob@example.org", 1), ("?limit=1", 5),
            ] {
                let answer = try await client.call(.get, "/_simulator/received\(query)")
                #expect(answer.json["count"] as? Int == count, "\(query)")
                let shown = (answer.json["messages"] as? [Any])?.count
                #expect(shown == (query == "?limit=1" ? 1 : count), "\(query)")
            }
            #expect(try await client.call(.get, "/_simulator/received?provider=telex").status == 400)
            let duplicates = try await client.call(.get, "/_simulator/duplicates").body
            #expect(duplicates.contains("\"times\":2") && duplicates.contains("\"body\":\"two\""))
            #expect(!duplicates.contains("\"body\":\"one\""))
        }
    }

    @Test func countersOutliveWhatIsForgotten() async throws {
        var settings = SimulatorSettings()
        settings.keepLast = 2
        try await Simulator.test(settings) { client, simulator in
            for number in 0..<5 { _ = try await client.text("\(number)") }
            #expect(simulator.received.messages().map(\.body) == ["4", "3"])
            #expect(try await client.call(.delete, "/_simulator/received").status == 204)
            #expect(simulator.received.messages().isEmpty)
            let counts = try await client.call(.get, "/_simulator/counts").json
            #expect((counts["twilio"] as? [String: Int])?["accepted"] == 5)
            #expect((counts["webhook"] as? [String: Int])?["requests"] == 0)
            #expect(try await client.call(.delete, "/_simulator/counts").status == 204)
            #expect(simulator.received.counts[.twilio]?.accepted == 0)
        }
    }

    @Test func setsAndLiftsFaults() async throws {
        try await Simulator.test { client, _ in
            let made = try await client.json(
                .post, "/_simulator/faults", "{\"provider\":\"twilio\",\"fault\":\"status=503,times=2\"}")
            #expect(made.status == 201)
            #expect(try await client.text("a").status == 503)
            #expect(try await client.mail(email()).status == 202)
            let id = try #require(made.json["id"] as? String)
            #expect(try await client.call(.delete, "/_simulator/faults/\(id)").status == 204)
            #expect(try await client.call(.delete, "/_simulator/faults/\(id)").status == 404)
            #expect(try await client.text("b").status == 201)
            for body in [
                "{\"fault\":\"nonsense\"}", "{}", "{\"fault\":\"drop\",\"probability\":2}", "{", "[]",
                "{\"fault\":\"drop\",\"provider\":\"telex\"}",
            ] {
                #expect(try await client.json(.post, "/_simulator/faults", body).status == 400, "\(body)")
            }
            #expect((try await client.call(.get, "/_simulator/faults").json["faults"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func latencyIsWaitedFor() async throws {
        try await Simulator.test { client, simulator in
            let set = try await client.json(
                .put, "/_simulator/latency", "{\"provider\":\"twilio\",\"fixed_ms\":200}")
            #expect(set.status == 200)
            let began = ContinuousClock.now
            async let answer = client.text("slow")
            try await eventually("recorded") { simulator.received.counts[.twilio]?.accepted == 1 }
            #expect(try await answer.status == 201)
            #expect(ContinuousClock.now - began >= .milliseconds(200))
            for body in ["{}", "{\"fixed_ms\":-1}", "{\"min_ms\":5,\"max_ms\":4}", "{\"min_ms\":5}"] {
                #expect(try await client.json(.put, "/_simulator/latency", body).status == 400, "\(body)")
            }
        }
    }

    @Test func thePageShowsAndEscapes() async throws {
        try await Simulator.test { client, _ in
            _ = try await client.text("<script>alert(1)</script>")
            _ = try await client.text("bad", to: "1")
            let page = try await client.call(.get, "/")
            #expect(page.status == 200)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
            #expect(!page.body.contains("<script"))
            #expect(page.body.contains("21211"))
            #expect(!page.body.contains("http-equiv"))
            let narrowed = try await client.call(.get, "/?outcome=refused&contains=%22%3E&refresh=5")
            #expect(narrowed.body.contains("Nothing received that matches."))
            #expect(narrowed.body.contains("value=\"&quot;&gt;\""))
            #expect(narrowed.body.contains("content=\"5\""))
        }
    }
}

extension Sequence {
    func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
