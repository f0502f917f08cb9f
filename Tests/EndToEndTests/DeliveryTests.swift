import Foundation
import JobRuntime
import Redis
import TestSupport
import Testing

/// Real processes, one of them killed: what was accepted arrives.
@Suite struct DeliveryTests {
    @Test func messagesQueuedBeforeAnyWorkerAreDelivered() async throws {
        let fleet = try await Fleet()
        var ids = try await fleet.sendTexts(5)
        ids.append(
            try await fleet.send([
                "from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "picture",
                "attachments": ["https://example.com/image.jpg"],
            ]))
        ids.append(
            try await fleet.send([
                "from": "a@example.com", "to": "b@example.com", "type": "email", "subject": "Hi", "body": "Text",
                "html": "<p>Text</p>",
            ]))
        ids.append(
            try await fleet.send([
                "from": "orders", "to": "http://127.0.0.1:\(fleet.simulatorPort)/webhooks/orders",
                "type": "webhook", "body": #"{"order":1}"#,
            ]))
        for id in ids { #expect(try await fleet.message(id).status == "pending") }
        #expect(try await fleet.pending().map(\.depth) == [5, 1, 1, 1])

        _ = try await fleet.startWorker()
        try await fleet.allSent(ids)
        let counts = try await fleet.counts()
        #expect(counts.twilio.accepted == 6)
        #expect(counts.sendgrid.accepted == 1)
        #expect(counts.webhook.accepted == 1)
        #expect(try await fleet.message(ids[5]).type == "mms")
        try await fleet.expectEmptyQueues()
    }

    @Test func aWorkerKilledInTheMiddleLosesNothing() async throws {
        let fleet = try await Fleet()
        let ids = try await fleet.sendTexts(60, directive: "[simulate:delay=4000,times=1]")
        let doomed = try await fleet.startWorker()
        try await eventually("the worker holds messages") { try await fleet.held(by: doomed.consumer) > 0 }
        await doomed.process.killHard()
        let inFlight = try await fleet.held(by: doomed.consumer)
        #expect(inFlight > 0)

        for _ in 0..<2 { _ = try await fleet.startWorker() }
        try await fleet.allSent(ids)
        let duplicates: [Fleet.Duplicate] = try await fleet.simulated("duplicates").decoded()
        #expect(duplicates.count <= inFlight)
        #expect(try await fleet.counts().twilio.accepted <= 60 + inFlight)
        try await fleet.expectEmptyQueues()
    }

    @Test func aStalledWorkersSettlementIsFenced() async throws {
        let fleet = try await Fleet(lease: .seconds(1))
        let stalled = try await fleet.startWorker()
        let ids = try await fleet.sendTexts(1, directive: "[simulate:delay=4000,times=1]")
        try await eventually("the provider has the message") { try await fleet.counts().twilio.accepted == 1 }
        stalled.process.signal(SIGSTOP)
        try #require(try await fleet.held(by: stalled.consumer) == 1)

        let healthy = try await fleet.startWorker()
        try await fleet.allSent(ids)
        let sent = try await fleet.message(ids[0])
        stalled.process.signal(SIGCONT)
        try await eventually("the stale settlement is fenced") {
            try await fleet.redis.command("HGET", "worker:\(stalled.consumer)", "fenced").int ?? 0 >= 1
        }
        #expect(stalled.process.output.contains("Settlement fenced"))
        // The stale worker changed nothing: one `sent`, by the other, on the second delivery.
        #expect(try await fleet.message(ids[0]) == sent)
        #expect(sent.timeline?.filter { $0.event == "sent" }.map(\.worker) == [healthy.consumer])
        #expect(try await fleet.counts().twilio.accepted == 1, "the other one asked before it sent")
        #expect(sent.attempts == 1)
        try await fleet.expectEmptyQueues()
    }

    @Test func aWorkerToldToStopFinishesWhatItHasAndNothingIsSentTwice() async throws {
        let fleet = try await Fleet()
        let ids = try await fleet.sendTexts(50, directive: "[simulate:delay=3000,times=1]")
        let first = try await fleet.startWorker()
        try await eventually("the worker holds messages") { try await fleet.held(by: first.consumer) > 0 }
        #expect(await first.process.terminate() == 0)

        let left = try await fleet.redis.command("XINFO", "CONSUMERS", "message_queue:sms", KeySpace.group)
        let names = left.array?.compactMap { $0.map?["name"]?.string }
        #expect(names?.contains(first.consumer) == false)
        #expect(try await fleet.redis.command("EXISTS", "worker:\(first.consumer)").int == 0)
        let sentByFirst = try await fleet.counts().twilio.accepted
        #expect(sentByFirst > 0 && sentByFirst < 50)

        _ = try await fleet.startWorker()
        try await fleet.allSent(ids)
        #expect(try await fleet.counts().twilio.accepted == 50)
        try await fleet.expectEmptyQueues()
    }

    /// The simulator stands where no customer may send: nothing arrives there. A proxy would be asked by nobody.
    @Test func aWebhookGoesOnlyWhereItMay() async throws {
        let fleet = try await Fleet()
        let webhook = [
            "from": "orders", "to": "http://localhost:\(fleet.simulatorPort)/webhooks/orders", "type": "webhook",
            "body": "{}",
        ]
        let refused = try await fleet.send(webhook)
        let guarded = try await fleet.startWorker(["WEBHOOK_ALLOW_CIDRS": ""])
        try await eventually("it is refused") { try await fleet.message(refused).status == "failed" }
        #expect(try await fleet.counts().webhook.accepted == 0)
        #expect(await guarded.process.terminate() == 0)

        let proxy = "http://127.0.0.1:1"
        _ = try await fleet.startWorker(["http_proxy": proxy, "HTTP_PROXY": proxy, "all_proxy": proxy])
        try await fleet.allSent([try await fleet.send(webhook)])
        #expect(try await fleet.counts().webhook.accepted == 1)
    }
}
