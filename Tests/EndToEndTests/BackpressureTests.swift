import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// More comes in than goes out, or Redis does not answer: clients are told so, in time, and it passes by itself.
@Suite(.timeLimit(.minutes(5))) struct BackpressureTests {
    @Test func aQueueThatIsFullRefusesUntilAWorkerDrainsIt() async throws {
        let fleet = try await Fleet(settings: ["QUEUE_MAX_DEPTH": "20"])
        let headers = ["Idempotency-Key": "first"]
        var ids = [try await fleet.text("first", headers: headers).decoded(as: Fleet.Message.self).id]
        ids += try await fleet.sendTexts(19)

        let refused = try await fleet.text("too many")
        #expect(refused.status == 503)
        #expect(refused.headers.first(name: "Content-Type") == "application/problem+json")
        #expect(refused.text.contains("queue-full") && refused.text.contains("20"), "\(refused.text)")
        #expect(try #require(refused.retryAfter) >= 1)
        // What was taken once is answered so, and other channels have room.
        #expect(try await fleet.text("first", headers: headers).status == 202)
        let ready = try await fleet.get("/ready")
        #expect(ready.status == 200 && ready.text.contains(#""message_queue:sms":{"status":"failed""#), "\(ready.text)")
        ids.append(
            try await fleet.send([
                "from": "a@example.com", "to": "b@example.com", "type": "email", "subject": "Hi", "body": "Text",
            ]))
        #expect(try await fleet.depth() == 20)

        _ = try await fleet.startWorker()
        try await eventually("there is room again") { try await fleet.text("at last").status == 202 }
        try await fleet.allSent(ids)
        try await eventually("all are sent") { try await fleet.depth() == 0 }
        #expect(try await fleet.counts().twilio.accepted == 21)
        try await fleet.expectEmptyQueues()
    }

    /// SIGSTOP: connections stand, nothing answers.
    @Test func aRedisThatHangsIsToldWithinABoundAndComesBack() async throws {
        let fleet = try await Fleet()
        let worker = try await fleet.startWorker()
        let before = try await fleet.sendTexts(1)
        try await fleet.allSent(before)
        fleet.redis.freeze()
        defer { fleet.redis.thaw() }

        // The first may have reached Redis: nobody knows, and it says where to ask. Those that come later are refused.
        var answer = try await fleet.text("hanging", headers: ["Idempotency-Key": "0"], within: .seconds(30))
        #expect([500, 503].contains(answer.status), "\(answer.text)")
        try await eventually("requests are refused") {
            answer = try await fleet.text("hanging", headers: ["Idempotency-Key": "0"], within: .seconds(30))
            return answer.status == 503
        }
        #expect(try #require(answer.retryAfter) >= 1)
        #expect(answer.text.contains("queue-unavailable"), "\(answer.text)")
        #expect(try await fleet.call(.GET, "/ready", within: .seconds(30)).status == 503)
        #expect(try await fleet.call(.GET, "/health", within: .seconds(30)).status == 200)

        fleet.redis.thaw()
        try await eventually("the ingress is ready again") { try await fleet.get("/ready").status == 200 }
        try await eventually("the same request is taken") {
            answer = try await fleet.text("hanging", headers: ["Idempotency-Key": "0"])
            return answer.status == 202
        }
        try await fleet.allSent([try answer.decoded(as: Fleet.Message.self).id] + fleet.sendTexts(3))
        #expect(worker.process.isRunning)
        try await eventually("nothing is left to do") { try await fleet.depth() == 0 }
        // However often it was asked for, the first of them by requests that nobody heard of, it is one.
        #expect(try await fleet.counts().twilio.accepted == 5)
        try await fleet.expectEmptyQueues()
    }
}
