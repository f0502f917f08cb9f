import HTTPTypes
import Messaging
import NIOCore
import Testing

@testable import JobRuntime

@Suite struct MessageRouteTests {
    static let id = JobID(milliseconds: 1_767_225_599_000, partition: 3)
    static let path = "/api/v1/messages/\(id)"

    static let payload = Message.sms(
        SMS(from: "+15551234567", to: "+15559876543", body: "hi", metadata: ["k": "v"])
    ).json()

    static func record(_ state: JobRecord.State, attempt: Int = 1) -> JobRecord {
        var record = JobRecord(
            id: id, queue: "message_queue:sms", kind: "sms", state: state, attempt: attempt, enqueuedAt: 1000)
        record.payload = payload
        return record
    }

    /// As after an attempt that began at 2 s and ended at 3 s.
    static func settled(_ state: JobRecord.State, attempt: Int = 1, error: String? = nil) -> JobRecord {
        var record = record(state, attempt: attempt)
        record.startedAt = 2000
        record.settledAt = 3000
        record.consumer = "host-1-a"
        record.deliveries = 2
        record.error = error
        return record
    }

    private func members(of record: JobRecord) async throws -> [String: JSON] {
        let answer = try await Client(FakeIntake(records: [record])).get(Self.path)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json")
        return try answer.object()
    }

    static let accepted: JSON = ["event": "accepted", "at": "1970-01-01T00:00:01.000Z"]

    static func sending(attempt: Int) -> JSON {
        [
            "event": "sending", "at": "1970-01-01T00:00:02.000Z", "worker": "host-1-a", "deliveries": 2,
            "attempt": .number(Double(attempt)),
        ]
    }

    static func ended(_ event: String, attempt: Int) -> JSON {
        [
            "event": .string(event), "at": "1970-01-01T00:00:03.000Z", "worker": "host-1-a",
            "attempt": .number(Double(attempt)),
        ]
    }

    @Test func queued() async throws {
        #expect(
            try await members(of: Self.record(.queued)) == [
                "id": .string(Self.id.description), "type": "sms", "from": "+15551234567", "to": "+15559876543",
                "body": "hi", "metadata": ["k": "v"], "status": "pending", "created_at": "1970-01-01T00:00:01.000Z",
                "sent_at": nil, "attempts": 0, "timeline": [Self.accepted],
            ])
    }

    @Test func running() async throws {
        let members = try await members(of: Self.record(.running(consumer: "host-2-b", idle: 40, deliveries: 1)))
        #expect(members["status"] == "sending")
        #expect(members["attempts"] == 1)
        #expect(members["sent_at"] == .null)
        let now: JSON = ["event": "sending", "attempt": 1, "worker": "host-2-b", "deliveries": 1, "idle_ms": 40]
        #expect(members["timeline"] == [Self.accepted, now])
    }

    @Test func runningAgain() async throws {
        let state = JobRecord.State.running(consumer: "host-2-b", idle: 40, deliveries: 3)
        let members = try await members(of: Self.settled(state, attempt: 2, error: "busy"))
        #expect(members["status"] == "sending")
        #expect(members["attempts"] == 2)
        #expect(members["error"] == "busy")
        let now: JSON = ["event": "sending", "attempt": 2, "worker": "host-2-b", "deliveries": 3, "idle_ms": 40]
        #expect(
            members["timeline"]
                == [Self.accepted, Self.sending(attempt: 1), Self.ended("retrying", attempt: 1), now])
    }

    @Test func retrying() async throws {
        let members = try await members(of: Self.settled(.retrying(due: 9000), attempt: 2, error: "busy"))
        #expect(members["status"] == "retrying")
        #expect(members["attempts"] == 1)
        #expect(members["next_attempt_at"] == "1970-01-01T00:00:09.000Z")
        #expect(members["error"] == "busy")
        #expect(
            members["timeline"] == [Self.accepted, Self.sending(attempt: 1), Self.ended("retrying", attempt: 1)])
    }

    @Test func sent() async throws {
        let members = try await members(of: Self.settled(.succeeded(result: #"{"sid":"SM1","parts":[1]}"#)))
        #expect(members["status"] == "sent")
        #expect(members["attempts"] == 1)
        #expect(members["sent_at"] == "1970-01-01T00:00:03.000Z")
        #expect(members["result"] == ["sid": "SM1", "parts": [1]])
        #expect(members["timeline"] == [Self.accepted, Self.sending(attempt: 1), Self.ended("sent", attempt: 1)])
    }

    @Test(arguments: ["not json", "{", "1 2", "\"", #"{"a":1}}"#, "", #"","status":"forged"#])
    func aResultThatIsNoJSONDoesNotBreakTheDocument(result: String) async throws {
        let members = try await members(of: Self.settled(.succeeded(result: result)))
        #expect(members["result"] == .string(result))
        #expect(members["status"] == "sent")
    }

    @Test func noResult() async throws {
        #expect(try await members(of: Self.settled(.succeeded(result: nil)))["result"] == nil)
    }

    @Test func failed() async throws {
        let record = Self.settled(.dead(reason: .exhausted), attempt: 3, error: "gone \"for good\"")
        let members = try await members(of: record)
        #expect(members["status"] == "failed")
        #expect(members["reason"] == "exhausted")
        #expect(members["error"] == "gone \"for good\"")
        #expect(members["attempts"] == 3)
        #expect(members["sent_at"] == .null)
        #expect(members["timeline"] == [Self.accepted, Self.sending(attempt: 3), Self.ended("failed", attempt: 3)])
    }

    @Test func unknown() async throws {
        let members = try await members(of: Self.settled(.unknown, error: "no answer"))
        #expect(members["status"] == "unknown")
        #expect(members["timeline"] == [Self.accepted, Self.sending(attempt: 1), Self.ended("unknown", attempt: 1)])
    }

    @Test(arguments: [nil, ByteBuffer(string: "no payload"), ByteBuffer(string: "{}")] as [ByteBuffer?])
    func withoutAReadablePayloadTheRestIsTold(payload: ByteBuffer?) async throws {
        var record = Self.settled(.succeeded(result: nil))
        record.payload = payload
        let members = try await members(of: record)
        #expect(members["status"] == "sent")
        #expect(members["type"] == "sms")
        #expect(members["body"] == nil && members["from"] == nil && members["metadata"] == nil)
    }

    @Test func eachChannelShowsItsMembers() async throws {
        let messages: [(Message, String)] = [
            (.mms(MMS(from: "+12", to: "+34", body: "", attachments: ["https://e.co/"])), "attachments"),
            (.email(Email(from: "a@e.co", to: "b@e.co", subject: "s", body: "x", html: "<p>")), "html"),
            (.webhook(Webhook(from: "me", to: "https://e.co/", body: "{}")), "body"),
        ]
        for (message, member) in messages {
            var record = Self.record(.queued)
            record.kind = message.channel.rawValue
            record.payload = message.json()
            let members = try await members(of: record)
            #expect(members["type"] == .string(message.channel.rawValue))
            #expect(members[member] != nil)
        }
    }

    @Test func whatWasSentCanBeAskedFor() async throws {
        let intake = FakeIntake()
        let location = try #require(try await Client(intake).send(SendRouteTests.sms).headers[.location])
        let answer = try await Client(intake).get(location)
        #expect(answer.status == 200)
        #expect(try answer.object()["body"] == "Test \"1\"\n👍")
    }

    @Test func anUnknownMessage() async throws {
        let answer = try await Client().get(Self.path)
        #expect(answer.status == 404)
        #expect(try answer.problem().detail.contains(Self.id.description))
    }

    @Test func aJobOfAnotherKindIsNoMessage() async throws {
        var record = Self.record(.queued)
        record.kind = "thumbnail"
        #expect(try await Client(FakeIntake(records: [record])).get(Self.path).status == 404)
    }

    @Test(arguments: ["1", "x", "019b76da-a3ff-4000-8000-000000000000", "019b76daa3ff70008000000000000000", "%00"])
    func anIDThatIsNone(id: String) async throws {
        let answer = try await Client(FakeIntake(.unavailable)).get("/api/v1/messages/\(id)")
        #expect(answer.status == 404)
        #expect(try answer.problem().detail.contains("UUID"))
    }

    @Test func anUnavailableQueue() async throws {
        let answer = try await Client(FakeIntake(.unavailable)).get(Self.path)
        #expect(answer.status == 503)
        #expect(answer.headers[.retryAfter] == "2")
        #expect(try answer.problem().type == "urn:posthaste:problem:queue-unavailable")
        #expect(!String(buffer: answer.body).contains("6379"))
    }
}
