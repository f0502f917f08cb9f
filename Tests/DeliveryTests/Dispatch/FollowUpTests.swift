import FoundationEssentials
import JobRuntime
import JobTesting
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// News for whoever sent a message.
@Suite(.timeLimit(.minutes(5))) struct FollowUpTests {
    typealias Scripted = ScriptedProvider

    private struct Document: Decodable {
        struct Content: Decodable {
            var id: String
            var type: String
            var status: String
            var from: String
            var to: String
            var reason: String?
            var error: String?
            var metadata: [String: String]?
        }
        var type: String
        var timestamp: String
        var data: Content
    }

    private static let subscribed: SMS = {
        var message = sms
        message.statusCallback = "https://shop.example.com/hooks?a=b"
        message.metadata = ["order": "7"]
        return message
    }()

    private func events(_ bench: DispatchBench) throws -> [(Webhook, Document)] {
        try bench.runtime.jobs(Webhook.self, in: DispatchBench.webhooks).map { webhook in
            (webhook, try JSONDecoder().decode(Document.self, from: Data(webhook.body.utf8)))
        }
    }

    @Test(arguments: [
        (Verdict.accepted(Receipt(provider: "one", id: "SM1")), "sent", nil),
        (.refused(Scripted.fault()), "failed", "permanent"),
        (.refused(Scripted.fault(suppresses: .optedOut)), "suppressed", "suppressed"),
        (.expired(Scripted.fault()), "expired", nil),
    ])
    func theEndOfAMessageIsToldOnce(verdict: Verdict, status: String, reason: String?) async throws {
        try await withDispatcher(Scripted("one", verdict)) { (bench: DispatchBench) async throws in
            let id = try await bench.run(Self.subscribed)
            let events = try events(bench)
            let (webhook, document) = try #require(events.first)
            #expect(events.count == 1)
            #expect(webhook.to == "https://shop.example.com/hooks?a=b")
            #expect(document.type == "message.\(status)" && document.data.status == status)
            #expect(document.data.id == "\(id)" && document.data.type == "sms" && document.data.reason == reason)
            #expect(document.data.to == sms.to && document.data.metadata == ["order": "7"])
            #expect(document.timestamp == "2027-01-15T08:00:00.000Z")
            let job = try #require(bench.runtime.jobs(in: DispatchBench.webhooks).first)
            #expect(job.id == .derived(from: id, "message.\(status)"))
        }
    }

    @Test func whoDoesNotAskHearsNothing() async throws {
        try await withDispatcher(Scripted("one")) { (bench: DispatchBench) async throws in
            _ = try await bench.run()
            #expect(try events(bench).isEmpty)
        }
    }

    @Test func whatGoesOnIsNotToldAsAnEnd() async throws {
        let one = Scripted("one", .transient(Scripted.fault()), .throttled(Scripted.fault(), after: .seconds(1)))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let id = try await bench.run(Self.subscribed)
            #expect(try events(bench).isEmpty)
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == .sent)
            #expect(try events(bench).map(\.1.type) == ["message.sent"])
        }
    }

    @Test func aRedrivenMessageTellsOfEachEndOnce() async throws {
        let fault = Scripted.fault()
        let one = Scripted("one", .refused(fault), .refused(fault), .accepted(Receipt(provider: "one")))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            _ = try await bench.run(Self.subscribed)
            for _ in 0..<2 {
                _ = try await bench.runtime.store.deadLetters.redrive(DispatchBench.queue.name, .all)
                await bench.runtime.runUntilIdle()
            }
            #expect(try Set(events(bench).map(\.1.type)) == ["message.failed", "message.sent"])
            #expect(try events(bench).count == 2)
        }
    }

    @Test func derivedIdsDifferByNameAndByJobAndStayTheSame() {
        let job = JobID(milliseconds: 1_800_000_000_000, partition: 3, random: 7)
        let derived = JobID.derived(from: job, "message.sent")
        #expect(derived == .derived(from: job, "message.sent"))
        #expect(derived != .derived(from: job, "message.failed") && derived != job)
        #expect(
            derived != .derived(from: JobID(milliseconds: 1_800_000_000_000, partition: 3, random: 11), "message.sent"))
        #expect(derived.milliseconds == job.milliseconds && derived.partition == 3)
    }
}
