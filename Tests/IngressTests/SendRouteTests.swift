import Foundation
import HTTPTypes
import HummingbirdTesting
import Ingress
import JobRuntime
import Messaging
import NIOCore
import TestSupport
import Testing

@Suite struct SendRouteTests {
    static let sms = #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":"Test \"1\"\n👍"}"#

    @Test func anSMSIsAccepted() async throws {
        let intake = FakeIntake()
        let answer = try await Client(intake).send(Self.sms)
        #expect(answer.status == 202)
        #expect(answer.headers[.contentType] == "application/json")
        let job = try #require(intake.jobs.first)
        #expect(intake.jobs.count == 1)
        #expect(answer.headers[.location] == "/api/v1/messages/\(job.id)")
        #expect(
            try answer.object() == [
                "id": .string(job.id.description), "type": "sms", "from": "+15551234567", "to": "+15559876543",
                "body": "Test \"1\"\n👍", "status": "pending", "created_at": "2025-12-31T23:59:59.007Z",
                "sent_at": nil, "attempts": 0,
            ])
    }

    @Test func theJobIsWhatAWorkerReads() async throws {
        let intake = FakeIntake()
        _ = try await Client(intake).send(Self.sms)
        let job = try #require(intake.jobs.first)
        #expect(job.queue == JobQueue("message_queue:sms"))
        #expect(job.kind == SMS.kind)
        #expect(
            try JSONDecoder().decode(SMS.self, from: Data(job.payload.readableBytesView))
                == SMS(from: "+15551234567", to: "+15559876543", body: "Test \"1\"\n👍"))
    }

    @Test func anSMSWithAttachmentsGoesToTheQueueOfMMS() async throws {
        let intake = FakeIntake()
        let json =
            #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":"","attachments":["https://e.co/a.jpg"]}"#
        let answer = try await Client(intake).send(json)
        #expect(answer.status == 202)
        #expect(try answer.object()["type"] == "mms")
        #expect(try answer.object()["attachments"] == ["https://e.co/a.jpg"])
        let job = try #require(intake.jobs.first)
        #expect(job.queue.name == "message_queue:mms")
        #expect(
            try JSONDecoder().decode(MMS.self, from: Data(job.payload.readableBytesView)).attachments == [
                "https://e.co/a.jpg"
            ])
    }

    @Test func anEmailIsGivenBackWhole() async throws {
        let json =
            #"{"from":"a@e.co","to":"b@e.co","type":"email","subject":"s","body":"t","html":"<p>","metadata":{"k":"v"}}"#
        let members = try await Client().send(json).object()
        #expect(members["subject"] == "s")
        #expect(members["html"] == "<p>")
        #expect(members["metadata"] == ["k": "v"])
    }

    @Test func aFaultyMessageIsRefusedAndNotEnqueued() async throws {
        let intake = FakeIntake()
        let answer = try await Client(intake).send(#"{"type":"sms","to":"x","colour":1}"#)
        #expect(answer.status == 422)
        let problem = try answer.problem()
        #expect(problem.type == "urn:posthaste:problem:invalid-message")
        #expect(Set(problem.pointers) == ["/from", "/to", "/body", "/colour"])
        #expect(intake.jobs.isEmpty)
    }

    @Test(arguments: ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""])
    func contentTypesThatAreJSON(type: String) async throws {
        #expect(try await Client().send(Self.sms, contentType: type).status == 202)
    }

    @Test(arguments: [
        nil, "", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16",
        "application/jsonp", "application/problem+json",
    ])
    func anotherContentTypeIsRefused(type: String?) async throws {
        let intake = FakeIntake()
        let answer = try await Client(intake).send(Self.sms, contentType: type)
        #expect(answer.status == 415)
        #expect(answer.headers[.accept] == "application/json")
        _ = try answer.problem()
        #expect(intake.jobs.isEmpty)
    }

    @Test func aCompressedBodyIsRefused() async throws {
        let answer = try await Client().execute(
            .post, "/api/v1/messages/send",
            headers: [.contentType: "application/json", .contentEncoding: "gzip"], body: ByteBuffer(string: Self.sms))
        #expect(answer.status == 415)
        _ = try answer.problem()
    }

    @Test func aBodyMayHaveJustTheLimit() async throws {
        var client = Client()
        client.settings.maximumBodySize = Self.sms.utf8.count
        #expect(try await client.send(Self.sms).status == 202)
        let answer = try await client.send(Self.sms + " ")
        #expect(answer.status == 413)
        _ = try answer.problem()
        #expect(client.jobs.count == 1)
    }

    @Test func aHugeBodyIsRefused() async throws {
        let body = ByteBuffer(repeating: UInt8(ascii: "["), count: 29 << 20)
        let answer = try await Client().send(body)
        #expect(answer.status == 413)
        #expect(try answer.problem().detail.contains("29360128"))
    }

    @Test func anUnavailableQueueIsToldAsSuch() async throws {
        let answer = try await Client(FakeIntake(.unavailable)).send(Self.sms)
        #expect(answer.status == 503)
        #expect(answer.headers[.retryAfter] == "2")
        let problem = try answer.problem()
        #expect(problem.type == "urn:posthaste:problem:queue-unavailable")
        #expect(problem.detail.contains("not accepted"))
        #expect(problem.messageID == nil)
        // Where Redis lives is none of the client's business.
        #expect(!String(buffer: answer.body).contains("6379"))
    }

    @Test func anUncertainOutcomeTellsWhereToAsk() async throws {
        let answer = try await Client(FakeIntake(.uncertain)).send(Self.sms)
        // Nothing that makes a client repeat the request by itself.
        #expect(answer.status == 500)
        #expect(answer.headers[.retryAfter] == nil)
        let problem = try answer.problem()
        #expect(problem.type == "urn:posthaste:problem:outcome-uncertain")
        let id = try #require(problem.messageID)
        #expect(JobID(id) != nil)
        #expect(problem.messageURL == "/api/v1/messages/\(id)")
        #expect(!String(buffer: answer.body).contains("6379"))
    }

    @Test func overARealSocket() async throws {
        var client = Client()
        client.setup = .live
        let answer = try await client.send(Self.sms)
        #expect(answer.status == 202)
        #expect(answer.headers[.contentLength] == String(answer.body.readableBytes))
        #expect(client.jobs.count == 1)
    }
}

/// What is no JSON, or hardly any: always a 4xx that says where, never a crash, nothing enqueued.
@Suite struct MalformedDocumentTests {
    private func expectMalformed(_ body: ByteBuffer) async throws {
        let intake = FakeIntake()
        let answer = try await Client(intake).send(body)
        #expect(answer.status == 400)
        let problem = try answer.problem()
        #expect(problem.type == "urn:posthaste:problem:malformed-json")
        #expect(problem.detail.contains("line ") && problem.detail.contains("column "))
        #expect(intake.jobs.isEmpty)
    }

    @Test func everyTruncationOfADocument() async throws {
        let bytes = Array(SendRouteTests.sms.utf8)
        for length in bytes.indices {
            try await expectMalformed(ByteBuffer(bytes: bytes[..<length]))
        }
    }

    @Test func theFaultIsToldWithItsPlace() async throws {
        let answer = try await Client().send("{\"from\":\"+15551234567\",\n\"to\" \"x\"}")
        let detail = try answer.problem().detail
        #expect(detail == "a colon was expected after the name of a member, at line 2, column 6.")
    }

    @Test func deepNesting() async throws {
        try await expectMalformed(ByteBuffer(string: String(repeating: "[", count: 1_000_000)))
        try await expectMalformed(ByteBuffer(string: #"{"x":"# + String(repeating: "{\"a\":", count: 100_000)))
    }

    @Test func invalidUTF8() async throws {
        var body = ByteBuffer(string: #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":""#)
        body.writeBytes([0xC3, 0x28])
        body.writeString("\"}")
        try await expectMalformed(body)
    }

    @Test func moreThanOneDocument() async throws {
        try await expectMalformed(ByteBuffer(string: SendRouteTests.sms + SendRouteTests.sms))
    }

    @Test func anyBytes() async throws {
        var generator = SeededGenerator(state: 4)
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0..<64, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            let answer = try await Client().send(ByteBuffer(bytes: bytes))
            #expect([400, 422].contains(answer.status))
            _ = try answer.problem()
        }
    }

    /// Every member of every wrong type: all told at their places, together.
    @Test(arguments: ["1", "-2.5e3", "true", "[[]]", "{\"a\":{}}", "[1,null,{}]"])
    func wrongTypes(value: String) async throws {
        let names = ["from", "to", "type", "body", "subject", "html"]
        let json = "{" + names.map { "\"\($0)\":\(value)" }.joined(separator: ",") + "}"
        let answer = try await Client().send(json)
        #expect(answer.status == 422)
        #expect(try answer.problem().pointers == names.map { "/\($0)" })
    }
}
