import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// `Prefer: wait`, with real workers and without.
@Suite(.timeLimit(.minutes(5))) struct OutcomeWaitTests {
    private static let waiting = ["Prefer": "wait=10"]

    @Test func theAnswerIsTheOutcome() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker()
        for (to, status) in [("+15559876543", "sent"), ("+15005550001", "failed")] {
            let document = #"{"from":"+15551234567","to":"\#(to)","type":"sms","body":"now"}"#
            let answer = try await fleet.call(
                .POST, "/api/v1/messages/send", document, headers: ["Prefer": "wait=30"])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.headers.first(name: "Preference-Applied") == "wait=30")
            let message: Fleet.Message = try answer.decoded()
            #expect(message.status == status && message.attempts == 1)
            #expect(answer.headers.first(name: "Location") == "/api/v1/messages/\(message.id)")
        }
    }

    /// Nobody sends it, so the time runs out: the message is taken nevertheless, once.
    @Test func withoutAWorkerTheTimeRunsOut() async throws {
        let fleet = try await Fleet()
        let begun = ContinuousClock.now
        let answer = try await fleet.text("later", headers: Self.waiting.merging(["Idempotency-Key": "one"]) { $1 })
        #expect(begun.duration(to: .now) >= .seconds(10))
        #expect(answer.status == 202)
        #expect(answer.headers.first(name: "Preference-Applied") == "wait=10")
        let message: Fleet.Message = try answer.decoded()
        #expect(message.status == "pending")

        // Who asks again meanwhile waits for the same message.
        _ = try await fleet.startWorker()
        let again = try await fleet.text(
            "later", headers: ["Prefer": "wait=30", "Idempotency-Key": "one"])
        #expect(again.status == 200)
        #expect(try again.decoded(as: Fleet.Message.self).id == message.id)
        #expect(try await fleet.counts().twilio.accepted == 1)
        try await fleet.expectEmptyQueues()
    }

    /// Many wait at once; each gets its own.
    @Test func eachHearsOfItsOwn() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker()
        let answers = try await withThrowingTaskGroup(of: (Int, Fleet.Answer).self) { group in
            for number in 0..<50 {
                group.addTask { (number, try await fleet.text("number \(number).", headers: ["Prefer": "wait=30"])) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (number, answer) in answers {
            #expect(answer.status == 200)
            #expect(answer.text.contains("number \(number).") && answer.text.contains(#""status":"sent""#))
        }
    }

    @Test func whatWaitsIsTakenBackAndWhatHasFailedIsTriedAgain() async throws {
        let fleet = try await Fleet()
        let doomed: Fleet.Message = try await fleet.text("not this one").decoded()
        let canceled = try await fleet.call(.POST, "/api/v1/messages/\(doomed.id)/cancel")
        #expect(canceled.status == 200 && canceled.text.contains(#""status":"canceled""#))
        let again = try await fleet.call(.POST, "/api/v1/messages/\(doomed.id)/cancel")
        #expect(again.status == 409 && again.text.contains("canceled"))

        _ = try await fleet.startWorker()
        let refused = try await fleet.text(
            "refused once [simulate:status=400,code=30006,times=1]", headers: ["Prefer": "wait=30"])
        let failed: Fleet.Message = try refused.decoded()
        #expect(failed.status == "failed", "\(refused.text)")
        let retried = try await fleet.call(.POST, "/api/v1/messages/\(failed.id)/retry")
        #expect(retried.status == 202, "\(retried.text)")
        try await fleet.allSent([failed.id])
        let late = try await fleet.call(.POST, "/api/v1/messages/\(failed.id)/cancel")
        #expect(late.status == 409)
        #expect(try await fleet.call(.POST, "/api/v1/messages/\(failed.id)/retry").status == 409)
        #expect(try await fleet.message(doomed.id).status == "canceled")
        #expect(try await fleet.counts().twilio.accepted == 1)
        try await fleet.expectEmptyQueues()
    }

    private struct Letters: Decodable {
        struct Letter: Decodable { let id: String }
        let deadLetters: [Letter]
    }

    @Test func deadLettersAreListedRedrivenAndDropped() async throws {
        let key = TestKey("operator", scopes: "send+read+operate")
        let fleet = try await Fleet(settings: ["API_KEYS": key.entry])
        _ = try await fleet.startWorker()
        func call(_ path: String, _ body: String? = nil) async throws -> Fleet.Answer {
            try await fleet.call(body == nil ? .GET : .POST, path, body, headers: key.headers)
        }
        var ids: [String] = []
        for text in ["first [simulate:status=400,code=30006,times=1]", "second [simulate:status=400,code=30006]"] {
            let headers = key.headers.merging(["Prefer": "wait=30"]) { $1 }
            let message: Fleet.Message = try await fleet.text(text, headers: headers).decoded()
            #expect(message.status == "failed")
            ids.append(message.id)
        }
        let path = "/api/v1/dead-letters/sms"
        let list = try await call(path)
        #expect(list.status == 200 && ids.allSatisfy { list.text.contains($0) }, "\(list.text)")
        #expect(try await call("\(path)/\(ids[0])").text.contains("permanent"))
        #expect(try await call("\(path)/\(ids[0])/redrive", "").status == 200)
        try await eventually("the first is sent") {
            try await call("/api/v1/messages/\(ids[0])").decoded(as: Fleet.Message.self).status == "sent"
        }
        #expect(try await call("\(path)/\(ids[0])").status == 404)
        let dropped = try await fleet.call(.DELETE, "\(path)/\(ids[1])", headers: key.headers)
        #expect(dropped.status == 200, "\(dropped.text)")
        #expect(try await !call(path).text.contains(ids[1]))
        #expect(try await fleet.counts().twilio.accepted == 1)
        try await fleet.expectEmptyQueues()
    }
}
