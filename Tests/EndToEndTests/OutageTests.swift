import Foundation
import JobRuntime
import NIOHTTP1
import Redis
import TestSupport
import Testing

/// Redis dies, or loses its groups, in the middle of it.
@Suite struct OutageTests {
    @Test func redisKilledAndRestartedFromItsFile() async throws {
        let fleet = try await Fleet()
        let before = try await fleet.sendTexts(60, directive: "[simulate:delay=2000,times=1]")
        let worker = try await fleet.startWorker()
        try await eventually("some are sent and some are not") {
            let sent = try await fleet.counts().twilio.accepted
            return sent > 0 && sent < 60
        }
        await fleet.redis.kill()

        let refused = try await fleet.post([
            "from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "while down",
        ])
        #expect(refused.status == 503)
        #expect(refused.headers.first(name: "Retry-After") != nil)
        #expect(refused.headers.first(name: "Content-Type") == "application/problem+json")
        #expect(try await fleet.get("/health").status == 200)
        try await eventually("the ingress says that it is not ready") { try await fleet.get("/ready").status == 503 }

        try await fleet.redis.start()
        try await eventually("the ingress is ready again") { try await fleet.get("/ready").status == 200 }
        try await fleet.allSent(before)
        try await fleet.allSent(try await fleet.sendTexts(10))
        // What the refused request asked for was never queued, so it was never sent; and a settlement that the outage
        // held up was made good, so nothing was sent twice.
        #expect(try await fleet.counts().twilio.accepted == 70)
        #expect(worker.process.isRunning)
        try await fleet.expectEmptyQueues()
    }

    @Test func aGroupDestroyedInTheMiddleIsMadeAnew() async throws {
        let fleet = try await Fleet()
        let ids = try await fleet.sendTexts(60, directive: "[simulate:delay=3000,times=1]")
        let worker = try await fleet.startWorker()
        try await eventually("the worker holds messages") { try await fleet.held(by: worker.consumer) > 0 }
        #expect(try await fleet.redis.command("XGROUP", "DESTROY", "message_queue:sms", KeySpace.group).int == 1)

        try await fleet.allSent(ids)
        try await fleet.allSent(try await fleet.sendTexts(10))
        // Duplicates are at most what was in flight: the slots of the worker.
        #expect(try await fleet.counts().twilio.accepted <= 70 + 20)
        try await fleet.expectEmptyQueues()
    }
}
