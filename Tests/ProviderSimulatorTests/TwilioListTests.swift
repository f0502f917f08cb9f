import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

/// What a sender whose answer was lost finds.
@Suite(.timeLimit(.minutes(5))) struct TwilioListTests {
    private static func listed(
        _ client: any TestClientProtocol, _ query: String = ""
    ) async throws -> [[String: Any]] {
        try await client.twilio(.get, "Messages.json?To=%2B14155552671\(query)").json["messages"]
            as? [[String: Any]] ?? []
    }

    @Test(arguments: ["drop", "status=500,accept"])
    func showsWhatWasTakenWithoutAnAnswer(fault: String) async throws {
        // Not on a port: there the test's only connection would be lost.
        try await Simulator.test { client, simulator in
            _ = try await client.text("[simulate:\(fault)]")
            let messages = try await Self.listed(client, "&From=%2B15005550006")
            #expect(messages.map { $0["body"] as? String } == ["[simulate:\(fault)]"])
            #expect(messages.first?["sid"] as? String == simulator.received.messages().first?.id)
        }
    }

    @Test func aServicesNumberIsKnownOnceItIsSent() async throws {
        var settings = SimulatorSettings()
        settings.deliversAfter = .seconds(600)
        try await Simulator.test(settings) { client, _ in
            _ = try await client.create(["To": "+14155552671", "MessagingServiceSid": service, "Body": "x"])
            let message = try #require(try await Self.listed(client).first)
            #expect(message["from"] is NSNull)
            #expect(message["messaging_service_sid"] as? String == service)
            #expect(try await Self.listed(client, "&From=\(Form.escape(SenderPool.number(of: service)))").isEmpty)
        }
        settings.deliversAfter = .zero
        try await Simulator.test(settings) { client, _ in
            _ = try await client.create(["To": "+14155552671", "MessagingServiceSid": service, "Body": "x"])
            let number = SenderPool.number(of: service)
            try await eventually("sent") {
                try await Self.listed(client, "&From=\(Form.escape(number))").count == 1
            }
            let message = try #require(try await Self.listed(client).first)
            #expect(message["from"] as? String == number)
            #expect(TwilioDraft.isPhoneNumber(number))
            #expect(message["messaging_service_sid"] as? String == service)
        }
    }

    @Test func mayBeLate() async throws {
        var settings = SimulatorSettings()
        settings.listsAfter = .seconds(600)
        try await Simulator.test(settings) { client, _ in
            let sid = try #require(try await client.text("x").json["sid"] as? String)
            #expect(try await Self.listed(client).isEmpty)
            #expect(try await client.twilio(.get, "Messages/\(sid).json").status == 200)
        }
        settings.listsAfter = .milliseconds(1)
        try await Simulator.test(settings) { client, _ in
            _ = try await client.text("x")
            try await eventually("it shows") { try await Self.listed(client).count == 1 }
        }
    }

    @Test func tellsTheEnd() async throws {
        var settings = SimulatorSettings()
        settings.deliversAfter = .zero
        try await Simulator.test(settings) { client, _ in
            _ = try await client.text("[simulate:ends=undelivered:30006]")
            try await eventually("its end") {
                try await Self.listed(client).first?["status"] as? String == "undelivered"
            }
            #expect(try await Self.listed(client).first?["error_code"] as? Int == 30006)
        }
    }

    @Test func statusesAreSpreadOverTheTime() {
        let lifecycle = TwilioLifecycle(isScheduled: false, byService: true, ending: nil)
        #expect(lifecycle.steps.map(\.status) == ["accepted", "queued", "sending", "sent", "delivered"])
        let reached = [-1, 0, 0.99, 1, 2.5, 3, 4, 99].map { lifecycle.reached(after: $0, of: 4) }
        #expect(reached == [0, 0, 0, 1, 2, 3, 4, 4])
        #expect(lifecycle.reached(after: 0.001, of: 0) == 4)
        #expect(lifecycle.time(of: 3, total: 4) == 3)
    }
}
