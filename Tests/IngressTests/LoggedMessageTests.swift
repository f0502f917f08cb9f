import Messaging
import Testing

@testable import Ingress
@testable import JobRuntime
@testable import Ledger

/// A message by its record and by the ledger.
@Suite struct LoggedMessageTests {
    private static let id = MessageRouteTests.id

    private static func logged(_ status: MessageStatus, _ timeline: [LedgerNews] = []) -> LedgerMessage {
        var message = LedgerMessage(id: id, channel: .sms, status: .outbound(status), acceptedAt: 1000)
        message.content = #"{"from":"+15551234567","to":"+15559876543","body":"hi"}"#
        message.conversation = Conversation(.sms, between: "+15551234567", and: "+15559876543").id
        message.timeline = timeline
        return message
    }

    private static func attempt(
        _ number: Int, _ type: String, _ status: MessageStatus, at: Int64, error: String? = nil
    ) -> LedgerNews {
        var news = LedgerNews(
            place: at, at: at, type: type, status: status,
            attempt: LedgerNews.Attempt(number: number, deliveries: 2, worker: "host-1-a", elapsed: 1000))
        news.error = error
        return news
    }

    private func answer(_ record: JobRecord?, _ log: FakeLog) async throws -> Answer {
        var client = Client(FakeIntake(records: record.map { [$0] } ?? []))
        client.log = log
        return try await client.get(MessageRouteTests.path)
    }

    private func events(_ members: [String: JSON]) -> [String?] {
        guard case .array(let timeline) = members["timeline"] else { return [] }
        return timeline.map { if case .object(let entry) = $0 { entry["event"]?.string } else { nil } }
    }

    @Test func oneThatWasJustAccepted() async throws {
        let members = try await answer(MessageRouteTests.record(.queued), FakeLog()).object()
        #expect(members["status"] == "pending" && members["body"] == "hi" && members["direction"] == "outbound")
        #expect(
            members["conversation_id"]
                == .string(Conversation(.sms, between: "+15551234567", and: "+15559876543").id.description))
        #expect(members["timeline"] == [MessageRouteTests.accepted])
    }

    @Test func oneWhoseRecordHasExpired() async throws {
        var report = LedgerNews(place: 9, at: 5000, type: "reported", status: .delivered)
        report.detail = #"{"provider":"twilio","code":7,"error":"no route"}"#
        let log = FakeLog([
            Self.logged(
                .delivered,
                [
                    Self.attempt(1, "retrying", .retrying, at: 3000, error: "busy"),
                    Self.attempt(2, "succeeded", .sent, at: 4000), report,
                ])
        ])
        let members = try await answer(nil, log).object()
        #expect(members["status"] == "delivered" && members["body"] == "hi")
        let failed: JSON = [
            "event": "retrying", "at": "1970-01-01T00:00:03.000Z", "attempt": 1, "worker": "host-1-a", "error": "busy",
        ]
        let again: JSON = [
            "event": "sending", "at": "1970-01-01T00:00:03.000Z", "attempt": 2, "worker": "host-1-a", "deliveries": 2,
        ]
        let sent: JSON = ["event": "sent", "at": "1970-01-01T00:00:04.000Z", "attempt": 2, "worker": "host-1-a"]
        let delivered: JSON = [
            "event": "delivered", "at": "1970-01-01T00:00:05.000Z", "provider": "twilio", "code": 7,
            "error": "no route",
        ]
        #expect(
            members["timeline"]
                == [MessageRouteTests.accepted, MessageRouteTests.sending(attempt: 1), failed, again, sent, delivered])
    }

    /// The first attempt is in the ledger, the second runs.
    @Test func theRecordTellsWhatIsGoingOn() async throws {
        let state = JobRecord.State.running(consumer: "host-2-b", idle: 40, deliveries: 1)
        let log = FakeLog([Self.logged(.retrying, [Self.attempt(1, "retrying", .retrying, at: 3000)])])
        let members = try await answer(MessageRouteTests.settled(state, attempt: 2), log).object()
        #expect(members["status"] == "sending" && members["attempts"] == 2)
        #expect(events(members) == ["accepted", "sending", "retrying", "sending"])
    }

    /// The ledger has not heard of the second attempt's end, nor of the report.
    @Test func theRecordCompletesTheTimeline() async throws {
        var record = MessageRouteTests.settled(.succeeded(result: nil), attempt: 2)
        record.report = JobRecord.Report(name: "delivered", rank: 100, at: 4000)
        let log = FakeLog([Self.logged(.retrying, [Self.attempt(1, "retrying", .retrying, at: 1500)])])
        let members = try await answer(record, log).object()
        #expect(members["status"] == "delivered")
        #expect(
            events(members) == ["accepted", "sending", "retrying", "sending", "sent", "delivered"])
    }

    /// A callback may come before the worker has said that the message is sent.
    @Test func anEarlyReportStandsBetweenTheBeginningAndTheEnd() async throws {
        let early = LedgerNews(place: 2, at: 2500, type: "reported", status: .sent)
        let earlier = LedgerNews(place: 1, at: 1500, type: "reported", status: .sent)
        let log = FakeLog([Self.logged(.sent, [earlier, early, Self.attempt(1, "succeeded", .sent, at: 3000)])])
        let members = try await answer(nil, log).object()
        #expect(events(members) == ["accepted", "sent", "sending", "sent", "sent"])
    }

    @Test func whatBothKnowIsToldOnce() async throws {
        var record = MessageRouteTests.settled(.succeeded(result: nil))
        record.report = JobRecord.Report(name: "delivered", rank: 100, at: 4000)
        let news = [
            Self.attempt(1, "succeeded", .sent, at: 3000),
            LedgerNews(place: 9, at: 4000, type: "reported", status: .delivered),
        ]
        let members = try await answer(record, FakeLog([Self.logged(.delivered, news)])).object()
        #expect(events(members) == ["accepted", "sending", "sent", "delivered"])
    }

    @Test func aProvidersWordOutranksTheRecord() async throws {
        let members = try await answer(
            MessageRouteTests.settled(.succeeded(result: nil)), FakeLog([Self.logged(.delivered)])
        ).object()
        #expect(members["status"] == "delivered")
    }

    /// Of one that was put back into its queue the ledger may still say that it has failed.
    @Test func whatWasBeforeARedriveCountsNoMore() async throws {
        let members = try await answer(MessageRouteTests.record(.queued), FakeLog([Self.logged(.failed)])).object()
        #expect(members["status"] == "pending")
    }

    @Test func whatWasErasedIsNotShownFromTheRecord() async throws {
        var erased = Self.logged(.sent)
        (erased.content, erased.redactedAt) = (nil, 9000)
        let answer = try await answer(MessageRouteTests.settled(.succeeded(result: nil)), FakeLog([erased]))
        #expect(try answer.object()["body"] == .null)
        #expect(try answer.object()["metadata"] == nil)
    }

    @Test func withoutTheLedgerTheRecordIsShown() async throws {
        let members = try await answer(MessageRouteTests.record(.queued), FakeLog(isBroken: true)).object()
        #expect(members["status"] == "pending")
        let gone = try await answer(nil, FakeLog(isBroken: true))
        #expect(gone.status == 503)
        #expect(try gone.problem().type == "urn:posthaste:problem:ledger-unavailable")
    }

    @Test func withoutTheQueueTheLedgerIsAsked() async throws {
        var client = Client(FakeIntake(.unavailable))
        client.log = FakeLog([Self.logged(.sent)])
        #expect(try await client.get(MessageRouteTests.path).object()["status"] == "sent")
        client.log = FakeLog()
        #expect(try await client.get(MessageRouteTests.path).status == 503, "it may have been accepted just now")
    }

    @Test func oneThatNeitherKnows() async throws {
        #expect(try await answer(nil, FakeLog()).status == 404)
    }
}
