import HTTPTypes
import Hummingbird
import JobRuntime
import JobTesting
import Messaging
import NIOCore
import TestSupport
import Testing

@testable import Ingress

@Suite struct IdempotencyTests {
    private func send(_ json: String, key: String, to intake: any MessageIntake) async throws -> Answer {
        try await Client(intake).post("/api/v1/messages/send", json, headers: [.idempotencyKey: key])
    }

    @Test func theSameRequestGetsTheSameAnswerAndOneMessage() async throws {
        let intake = JobClient(store: .inMemory())
        let first = try await send(SendRouteTests.sms, key: "order-17", to: intake)
        #expect(first.status == 202)
        #expect(first.headers[.idempotentReplayed] == nil)
        // Members in another order, and spaces: what is asked for is the same.
        let same = #"{ "body":"Test \"1\"\n\ud83d\udc4d", "type":"sms","to":"+15559876543","from":"+15551234567"}"#
        for json in [SendRouteTests.sms, same] {
            let again = try await send(json, key: "order-17", to: intake)
            #expect(again.status == 202)
            #expect(again.body == first.body)
            #expect(again.headers[.location] == first.headers[.location])
            #expect(again.headers[.idempotentReplayed] == "true")
        }
    }

    @Test func anotherMessageWithTheSameKeyIsRefusedAndNamesTheFirst() async throws {
        let intake = JobClient(store: .inMemory())
        let first = try await send(SendRouteTests.sms, key: "k", to: intake).object()
        let other = #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":"other"}"#
        let mail = #"{"from":"a@e.co","to":"b@e.co","type":"email","subject":"s","body":"t"}"#
        for json in [other, mail] {
            let answer = try await send(json, key: "k", to: intake)
            #expect(answer.status == 422)
            let problem = try answer.problem()
            #expect(problem.type == "urn:posthaste:problem:idempotency-conflict")
            #expect(problem.messageID == first["id"]?.string)
        }
    }

    /// Whoever was told now that it is not valid would correct it, and send it a second time.
    @Test func aRepetitionIsAnsweredAlsoWhenItsTimeHasPassed() async throws {
        let intake = JobClient(store: .inMemory())
        let sendAt = Int64.unixMilliseconds + 3000
        let json = SendRouteTests.sms.dropLast() + #","send_at":"\#(RFC3339.string(unixMilliseconds: sendAt))"}"#
        let first = try await send(String(json), key: "k", to: intake)
        #expect(first.status == 202)
        try await eventually("its time has passed") { Int64.unixMilliseconds > sendAt }
        let again = try await send(String(json), key: "k", to: intake)
        #expect(again.status == 202)
        #expect(again.body == first.body)
        #expect(try await send(String(json), key: "new", to: intake).status == 422)
        let batch = try await Client(intake).post(
            BatchRouteTests.path, BatchRouteTests.batch([String(json)]), headers: [.idempotencyKey: "k"])
        #expect(batch.status == 422)
    }

    /// It may have been accepted: that it is wrong today is no answer.
    @Test func whereItCannotBeToldTheTimeIsNotBlamed() async throws {
        let json = SendRouteTests.sms.dropLast() + #","send_at":"2026-01-01T00:00:00Z"}"#
        #expect(try await send(String(json), key: "k", to: FakeIntake(.unavailable)).status == 503)
        #expect(try await send(String(json), key: "k", to: FakeIntake()).status == 422)
    }

    @Test func withAnotherKeyItIsAnotherMessage() async throws {
        let intake = JobClient(store: .inMemory())
        let first = try await send(SendRouteTests.sms, key: "a", to: intake).object()
        let second = try await send(SendRouteTests.sms, key: "b", to: intake).object()
        #expect(first["id"] != second["id"])
    }

    @Test(arguments: ["with space", String(repeating: "k", count: 256)])
    func whatIsNoKeyIsRefused(_ key: String) async throws {
        let intake = FakeIntake()
        let answer = try await send(SendRouteTests.sms, key: key, to: intake)
        #expect(answer.status == 400)
        #expect(intake.jobs.isEmpty)
    }

    @Test func twoKeysAreNone() async throws {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[values: .idempotencyKey] = ["a", "b"]
        let answer = try await Client().execute(
            .post, "/api/v1/messages/send", headers: headers, body: ByteBuffer(string: SendRouteTests.sms))
        #expect(answer.status == 400)
    }
}
