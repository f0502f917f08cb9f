import Messaging
import Testing

@testable import JobRuntime

/// What providers' callbacks, and a worker that did not send, leave of a message.
@Suite struct MessageReportTests {
    private func members(
        _ state: JobRecord.State, report: JobRecord.Report? = nil
    ) async throws -> [String: JSON] {
        var record = MessageRouteTests.settled(state)
        record.report = report
        return try await Client(FakeIntake(records: [record])).get(MessageRouteTests.path).object()
    }

    private let beginning = [MessageRouteTests.accepted, MessageRouteTests.sending(attempt: 1)]

    @Test func delivered() async throws {
        let report = JobRecord.Report(name: "delivered", rank: 100, at: 4000)
        let members = try await members(.succeeded(result: nil), report: report)
        #expect(members["status"] == "delivered")
        #expect(members["sent_at"] == "1970-01-01T00:00:03.000Z")
        let delivered: JSON = ["event": "delivered", "at": "1970-01-01T00:00:04.000Z"]
        #expect(
            members["timeline"]
                == .array(beginning + [MessageRouteTests.ended("sent", attempt: 1), delivered]))
    }

    @Test func undelivered() async throws {
        let detail = #"{"provider":"twilio","id":"SM1","code":30003,"error":"the phone cannot be reached"}"#
        let report = JobRecord.Report(name: "undelivered", rank: 90, at: 4000, detail: detail)
        let members = try await members(.succeeded(result: nil), report: report)
        #expect(members["status"] == "undelivered")
        let undelivered: JSON = [
            "event": "undelivered", "at": "1970-01-01T00:00:04.000Z", "provider": "twilio", "code": 30003,
            "error": "the phone cannot be reached",
        ]
        #expect(
            members["timeline"]
                == .array(beginning + [MessageRouteTests.ended("sent", attempt: 1), undelivered]))
    }

    /// A callback may overtake the settlement of the attempt that it tells of.
    @Test func anEarlyReportStandsInItsPlace() async throws {
        let report = JobRecord.Report(name: "delivered", rank: 100, at: 2500)
        let delivered: JSON = ["event": "delivered", "at": "1970-01-01T00:00:02.500Z"]
        #expect(
            try await members(.succeeded(result: nil), report: report)["timeline"]
                == .array(beginning + [delivered, MessageRouteTests.ended("sent", attempt: 1)]))
    }

    @Test(arguments: ["", "{", "[]", "1", #"{"code":"x"}"#, #"","status":"forged"#])
    func aDetailThatIsOfAnotherShapeIsLeftOut(detail: String) async throws {
        let report = JobRecord.Report(name: "delivered", rank: 100, at: 4000, detail: detail)
        let members = try await members(.succeeded(result: nil), report: report)
        #expect(members["status"] == "delivered")
        guard case .array(let timeline) = members["timeline"] else {
            Issue.record("no timeline")
            return
        }
        #expect(timeline.last == ["event": "delivered", "at": "1970-01-01T00:00:04.000Z"])
    }

    @Test(arguments: [(DeadReason.suppressed, "suppressed"), (DeadReason(rawValue: "unwanted"), "canceled")])
    func discarded(reason: DeadReason, status: String) async throws {
        let members = try await members(.discarded(reason: reason))
        #expect(members["status"] == .string(status))
        #expect(members["reason"] == .string(reason.rawValue))
        guard case .array(let timeline) = members["timeline"], case .object(let last) = timeline.last else {
            Issue.record("no timeline")
            return
        }
        #expect(last["event"] == .string(status) && last["reason"] == .string(reason.rawValue))
    }
}
