import Foundation
import HTTPTypes
import Ingress
import NIOCore
import Testing

@Suite struct HealthRoutesTests {
    @Test(arguments: [FakeIntake.Behaviour.works, .unavailable, .hangs])
    func aLivingProcessIsHealthyWhateverTheQueueDoes(behaviour: FakeIntake.Behaviour) async throws {
        let before = Date()
        let answer = try await Client(FakeIntake(behaviour)).get("/health")
        #expect(answer.status == 200)
        let members = try answer.object()
        #expect(members["status"] == "healthy")
        let text = try #require(members["timestamp"]?.string)
        let moment = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
        #expect(moment.timeIntervalSince(before) > -0.01 && moment <= Date())
    }

    @Test func ready() async throws {
        let answer = try await Client().get("/ready")
        #expect(answer.status == 200)
        let members = try answer.object()
        #expect(members["status"] == "ready")
        guard case .object(let checks) = members["checks"], case .object(let redis) = checks["redis"] else {
            Issue.record("no check of redis in \(members)")
            return
        }
        #expect(redis["status"] == "ok")
        #expect(redis["error"] == nil)
    }

    @Test func fullQueuesMakeItUnready() async throws {
        let answer = try await Client(FakeIntake(.full)).get("/ready")
        #expect(answer.status == 503)
        let checks = try answer.object()["checks"]
        #expect(checks?["redis"]?["status"] == "ok")
        #expect(checks?["message_queue:sms"] == ["status": "failed", "error": "it is full"])
    }

    @Test func oneFullQueueDoesNot() async throws {
        let answer = try await Client(FakeIntake(.fullOf("message_queue:sms"))).get("/ready")
        #expect(answer.status == 200)
        #expect(try answer.object()["checks"]?["message_queue:sms"]?["error"] == "it is full")
        #expect(try answer.object()["checks"]?["message_queue:email"] == ["status": "ok"])
    }

    @Test func whatThereIsToAskForIsTold() async throws {
        let answer = try await Client().get("/openapi.yaml")
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/yaml")
        #expect(String(buffer: answer.body).hasPrefix("openapi: 3.1.0\n"))
    }

    @Test func aDeadQueueMakesItUnready() async throws {
        let answer = try await Client(FakeIntake(.unavailable)).get("/ready")
        #expect(answer.status == 503)
        let error: JSON = ["status": "failed", "error": "redis.internal:6379 refused the connection"]
        #expect(try answer.object()["status"] == "unavailable")
        #expect(try answer.object()["checks"] == ["redis": error])
    }

    @Test(.timeLimit(.minutes(5))) func aSilentQueueMakesItUnreadyInTime() async throws {
        let intake = FakeIntake(.hangs)
        var client = Client(intake)
        client.settings.readinessTimeout = .milliseconds(20)
        let answer = try await client.get("/ready")
        #expect(answer.status == 503)
        let error: JSON = ["status": "failed", "error": "no answer within 0.02 seconds"]
        #expect(try answer.object()["checks"] == ["redis": error])
        #expect(intake.cancelledProbes == 1)
    }
}

@Suite struct UnmatchedRequestsTests {
    @Test(arguments: ["/", "/api/v1/messages/1/2", "/nothing", "/health/x", "/api/v1"])
    func noSuchPath(path: String) async throws {
        let answer = try await Client().get(path)
        #expect(answer.status == 404)
        #expect(try answer.problem().type == "about:blank")
        #expect(try answer.problem().title == "Not Found")
    }

    @Test(arguments: [
        (HTTPRequest.Method.put, "/api/v1/messages/send", "POST"),
        (.get, "/api/v1/messages/send", "POST"),
        (.delete, "/api/v1/messages/019b76da-a3ff-7000-8000-000000000000", "GET, HEAD"),
        (.get, "/api/v1/webhooks/twilio", "POST"), (.put, "/api/v1/webhooks/sendgrid", "POST"),
        (.delete, "/api/v1/webhooks/twilio/status/019b76da-a3ff-7000-8000-000000000000", "POST"),
        (.put, "/api/v1/webhooks/vonage/status", "GET, HEAD, POST"),
        (.delete, "/api/v1/suppressions", "GET, HEAD, POST"),
        (.post, "/api/v1/suppressions/phone/+15551234567", "DELETE, GET, HEAD"),
        (.post, "/health", "GET, HEAD"),
        (.post, "/ready/", "GET, HEAD"),
    ])
    func noSuchMethod(method: HTTPRequest.Method, path: String, allowed: String) async throws {
        let answer = try await Client().execute(method, path)
        #expect(answer.status == 405)
        #expect(answer.headers[.allow] == allowed)
        #expect(try answer.problem().title == "Method Not Allowed")
    }

    @Test func headIsAnsweredAsGetWithoutTheBody() async throws {
        let answer = try await Client().execute(.head, "/health")
        #expect(answer.status == 200)
        #expect(answer.body.readableBytes == 0)
    }
}
