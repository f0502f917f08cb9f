import Delivery
import Foundation
import Messaging
import NIOHTTP1
import Postgres
import TestSupport
import Testing

/// The way of a message from the request to its delivery, and back: what went wrong in the system that this one
/// replaces.
@Suite(.timeLimit(.minutes(5))) struct FlowTests {
    private static var picture: [String: Any] {
        [
            "from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "Check out this image",
            "attachments": ["https://example.com/image.jpg"],
        ]
    }

    /// That worker read only what came after its start.
    @Test func whatWaitedForAWorkerIsProcessedWhenOneStarts() async throws {
        let bench = try await LedgerFleet()
        let fleet = bench.fleet
        for round in ["before any worker", "before the second worker"] {
            let id = try await fleet.send(Fleet.text.merging(["body": round]) { $1 })
            #expect(try await fleet.message(id).status == "pending")
            #expect(try await fleet.depth() == 1)

            let worker = try await fleet.startWorker()
            try await fleet.allSent([id])
            #expect(try await fleet.depth() == 0)
            try await eventually("the ledger knows that it was sent, and by whom") {
                try await row(of: id, bench) == "sent"
            }
            let events = try await fleet.message(id).timeline ?? []
            #expect(events.map(\.event) == ["accepted", "sending", "sent"])
            #expect(events.dropFirst().allSatisfy { $0.worker == worker.consumer })
            #expect(await worker.process.terminate() == 0)
        }
        #expect(try await fleet.counts().twilio.accepted == 2)
        try await fleet.expectEmptyQueues()
    }

    private func callback(_ fleet: Fleet, _ path: String, _ fields: [String: String]) async throws -> UInt {
        var components = URLComponents()
        components.queryItems = fields.sorted { $0.key < $1.key }.map { URLQueryItem(name: $0.key, value: $0.value) }
        let body = (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
        let path = "/api/v1/webhooks/twilio" + path
        let signature = TwilioSignature(authToken: "token").sign(
            url: "https://messages.test" + path, form: try FormFields(body))
        return try await fleet.call(
            .POST, path, body,
            headers: ["Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature]
        ).status
    }

    private func row(of id: String, _ bench: LedgerFleet) async throws -> String? {
        try await bench.database.perform { session in
            try session.query(PostgresQuery("SELECT status::text FROM messages WHERE id = '\(id)'")).first?.text(
                "status")
        }
    }

    /// There, two conversations between the same people were an error: "Multiple rows were found".
    @Test func aConversationIsOneRowHoweverManyMessagesCross() async throws {
        let bench = try await LedgerFleet(settings: ["PUBLIC_URL": "https://messages.test"])
        let fleet = bench.fleet
        _ = try await fleet.startWorker()
        let (ours, theirs) = ("+15551234567", "+15559876543")
        var ids: [String] = []
        // Both directions, in both channels, all at once and again.
        for _ in 0..<2 {
            async let there = fleet.send(["from": ours, "to": theirs, "type": "sms", "body": "there \(UUID())"])
            async let back = fleet.send(["from": theirs, "to": ours, "type": "sms", "body": "back \(UUID())"])
            async let media = fleet.send(Self.picture)
            ids += try await [there, back, media]
        }
        try await fleet.allSent(ids)
        let run = UUID().uuidString.filter { $0 != "-" }.lowercased()
        for (number, (from, to)) in [(theirs, ours), (ours, theirs), (theirs, ours)].enumerated() {
            for media in ["0", "1"] {
                var fields = [
                    "From": from, "To": to, "Body": "Test \(number)", "NumMedia": media,
                    "MessageSid": "SM\(run.dropLast(2))\(number)\(media)",
                ]
                if media == "1" { fields["MediaUrl0"] = "https://example.com/\(number).jpg" }
                for _ in 0..<3 { #expect(try await callback(fleet, "", fields) == 200) }
            }
        }
        let status = ["MessageSid": "SM\(run)", "MessageStatus": "delivered"]
        for _ in 0..<3 { #expect(try await callback(fleet, "/status/\(ids[0])", status) == 204) }

        try await eventually("every callback is read") { try await fleet.depth("webhook_queue") == 0 }
        try await eventually("the ledger has it all") {
            let inbound = try await bench.database.perform { session in
                try session.query("SELECT count(*)::text AS n FROM messages WHERE direction = 'inbound'")[0].text("n")
            }
            let status = try await row(of: ids[0], bench)
            return inbound == "6" && status == "delivered"
        }
        let rows = try await bench.database.perform { session in
            try session.query(
                "SELECT channel::text, low, high, count(*)::text AS n FROM conversations GROUP BY 1, 2, 3 ORDER BY 1"
            ).map { [try $0.text("channel"), try $0.text("low"), try $0.text("high"), try $0.text("n")] }
        }
        #expect(Set(rows) == [["sms", ours, theirs, "1"], ["mms", ours, theirs, "1"]])
        #expect(rows.count == 2)
        #expect(try await fleet.get("/api/v1/conversations?participant=%2B15559876543").status == 200)
        #expect(try await fleet.message(ids[0]).status == "delivered")
        try await fleet.expectEmptyQueues()
    }

    /// There, nobody read the queue of MMS.
    @Test func aTextWithAPictureIsAnMMSAndIsDelivered() async throws {
        let bench = try await LedgerFleet()
        let fleet = bench.fleet
        let id = try await fleet.send(Self.picture)
        #expect(try await fleet.depth("message_queue:mms") == 1)
        #expect(try await fleet.depth() == 0)
        _ = try await fleet.startWorker()
        try await fleet.allSent([id])
        #expect(try await fleet.message(id).type == "mms")
        #expect(try await fleet.depth("message_queue:mms") == 0)
        #expect(try await fleet.simulated("received").text.contains("https://example.com/image.jpg"))
        try await fleet.expectEmptyQueues()
    }
}
