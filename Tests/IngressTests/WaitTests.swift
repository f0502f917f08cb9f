import HTTPTypes
import Hummingbird
import JobTesting
import Messaging
import NIOCore
import Synchronization
import Testing

@testable import Ingress
@testable import JobRuntime

/// Answers with a record as it is told, and notes how long it was asked to wait.
private final class FakeOutcomes: OutcomeSource {
    private let state: JobRecord.State?
    private let asked = Mutex<[Duration]>([])

    /// - Parameter state: of the record; nil: there is none.
    init(_ state: JobRecord.State?) { self.state = state }

    var limits: [Duration] { asked.withLock { $0 } }

    func outcome(
        of id: JobID, within limit: Duration, isSettled: @escaping @Sendable (JobRecord) -> Bool
    ) async throws -> JobRecord? {
        asked.withLock { $0.append(limit) }
        return state.map {
            JobRecord(id: id, queue: "message_queue:sms", kind: "sms", state: $0, attempt: 1, enqueuedAt: 1000)
        }
    }
}

@Suite struct WaitTests {
    private func send(
        _ outcomes: FakeOutcomes, prefer: String?, waitsByItself: Bool = false, json: String = SendRouteTests.sms
    ) async throws -> Answer {
        var client = Client()
        client.outcomes = outcomes
        client.settings.waitsForOutcome = waitsByItself
        var headers: HTTPFields = [:]
        headers[.prefer] = prefer
        return try await client.post("/api/v1/messages/send", json, headers: headers)
    }

    @Test func whoWaitsHearsTheOutcome() async throws {
        let outcomes = FakeOutcomes(.succeeded(result: nil))
        let answer = try await send(outcomes, prefer: "respond-async, wait=10")
        #expect(answer.status == 200)
        #expect(try answer.object()["status"] == "sent")
        #expect(answer.headers[.preferenceApplied] == "wait=10")
        #expect(answer.headers[.location] != nil)
        #expect(outcomes.limits == [.seconds(10)])
    }

    @Test func whenTheTimeIsOverItIsTheStatusOfNow() async throws {
        let answer = try await send(FakeOutcomes(.retrying(due: 9000)), prefer: "wait=1")
        #expect(answer.status == 202)
        #expect(try answer.object()["status"] == "retrying")
        #expect(try answer.object()["next_attempt_at"] == "1970-01-01T00:00:09.000Z")
    }

    @Test func whatCannotBeToldIsAccepted() async throws {
        let answer = try await send(FakeOutcomes(nil), prefer: "wait=1")
        #expect(answer.status == 202)
        #expect(try answer.object()["status"] == "pending")
    }

    @Test func aServiceCanWaitForAll() async throws {
        let outcomes = FakeOutcomes(.dead(reason: .permanent))
        let answer = try await send(outcomes, prefer: nil, waitsByItself: true)
        #expect(answer.status == 200)
        #expect(try answer.object()["status"] == "failed")
        #expect(outcomes.limits == [.seconds(30)])
        #expect(try await send(outcomes, prefer: "wait=0", waitsByItself: true).status == 202)
        #expect(outcomes.limits.count == 1)
    }

    @Test(arguments: ["wait=abc", "wait=-1", "wait", "handling=lenient", "wait=0"])
    func whatIsNoWaitIsNotWaitedFor(_ prefer: String) async throws {
        let outcomes = FakeOutcomes(.queued)
        #expect(try await send(outcomes, prefer: prefer).status == 202)
        #expect(outcomes.limits.isEmpty)
    }

    @Test func nobodyWaitsLongerThanTheSettingsSay() async throws {
        let outcomes = FakeOutcomes(.queued)
        #expect(try await send(outcomes, prefer: "wait=100000").status == 202)
        #expect(outcomes.limits == [.seconds(30)])
    }

    @Test func whatIsToBeSentLaterIsNotWaitedFor() async throws {
        let outcomes = FakeOutcomes(.succeeded(result: nil))
        let later = RFC3339.string(unixMilliseconds: .unixMilliseconds + 3_600_000)
        let json = String(SendRouteTests.sms.dropLast()) + #","send_at":"\#(later)"}"#
        #expect(try await send(outcomes, prefer: "wait=10", json: json).status == 202)
        #expect(outcomes.limits.isEmpty)
    }
}
