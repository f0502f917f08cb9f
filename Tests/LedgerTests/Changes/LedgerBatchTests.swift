import JobRuntime
import Messaging
import NIOCore
import TestSupport
import Testing

@testable import Ledger

@Suite struct LedgerBatchTests {
    private let id = JobID(milliseconds: 1_795_000_000_000, random: 7)

    private func event(
        _ type: String, _ sequence: UInt64, queue: String = "message_queue:sms", payload: String? = nil,
        _ change: (inout JobEvent) -> Void = { _ in }
    ) -> LedgerEvent {
        var event = JobEvent(type, id, queue: queue, at: Moment(1_795_000_000_000 + Int64(sequence)), attempt: 1)
        change(&event)
        return LedgerEvent(
            EventID(EntryID(milliseconds: 1_795_000_000_000, sequence: sequence)),
            .job(event, payload: payload.map(ByteBuffer.init(string:))))
    }

    private let payload = #"{"from":"+15550002","to":"+15550001","body":"Hi"}"#

    @Test(arguments: 0..<200) func theOrderAndTheNumberOfTimesTellNothing(seed: UInt64) {
        var random = RandomEvents(seed: seed)
        let events = random.make(messages: 5)
        var others = events + events.filter { _ in Bool.random(using: &random.random) }
        others.shuffle(using: &random.random)
        let isSame = LedgerBatch(others) == LedgerBatch(events)
        #expect(isSame)
        #expect(LedgerBatch(events).messages.count >= 3)
    }

    @Test func anAcceptanceBringsWhatTheMessageIs() throws {
        let batch = LedgerBatch([event("accepted", 1, payload: payload) { $0.lane = .high }])
        let message = try #require(batch.messages.first)
        #expect(message.channel == .sms)
        #expect(message.status == .pending)
        #expect(message.acceptance?.sender == "+15550002")
        #expect(message.acceptance?.recipient == "+15550001")
        #expect(message.acceptance?.priority == .high)
        #expect(message.acceptance.map { String(decoding: $0.content, as: UTF8.self) } == payload)
        #expect(batch.conversations.map(\.conversation.low) == ["+15550001"])
        #expect(batch.attempts.isEmpty && batch.statusEvents.isEmpty && batch.rejected.isEmpty)
    }

    @Test func filesAreKeptBySizeOnly() throws {
        let mail =
            #"{"from":"a@b.co","to":"c@d.co","attachments":[{"filename":"a.pdf","type":"x/y","content":"AAECAw=="},"#
            + #"{"content":"QUJD","filename":"content"},7],"body":"content"}"#
        let batch = LedgerBatch([event("accepted", 1, queue: "message_queue:email", payload: mail)])
        let content = try #require(batch.messages.first?.acceptance?.content)
        #expect(
            String(decoding: content, as: UTF8.self)
                == #"{"from":"a@b.co","to":"c@d.co","attachments":[{"filename":"a.pdf","type":"x/y","size":4},"#
                + #"{"size":3,"filename":"content"},7],"body":"content"}"#)
    }

    @Test func whatCameBeforeARedriveCountsNoMore() throws {
        let before = [
            event("dead", 2) { ($0.deliveries, $0.attempt, $0.error, $0.reason) = (1, 5, "no", "exhausted") },
            event("redriven", 3),
        ]
        let redriven = try #require(LedgerBatch(before).messages.first)
        #expect(redriven.status == .pending)
        #expect(redriven.attempts == 0)
        #expect(redriven.latest?.error == nil)
        let again = try #require(
            LedgerBatch(before + [event("retrying", 4) { ($0.deliveries, $0.error) = (1, "later") }]).messages.first)
        #expect(again.status == .retrying)
        #expect(again.attempts == 1)
        #expect(again.latest?.error == "later")
    }

    @Test func wordOfAnArrivalOutlivesARedrive() throws {
        let batch = LedgerBatch([event("reported", 2) { $0.name = "delivered" }, event("redriven", 3)])
        #expect(batch.messages.first?.status == .delivered)
    }

    @Test func whatWasPutOffSpendsNoAttempt() {
        let batch = LedgerBatch([event("snoozed", 2) { ($0.deliveries, $0.error) = (1, "throttled") }])
        #expect(batch.messages.first?.attempts == 0)
        #expect(batch.messages.first?.latest?.reason == "throttled")
        #expect(batch.attempts.first?.error == nil)
    }

    @Test func theRecipientOnTheListIsSuppressed() {
        let batch = LedgerBatch([event("discarded", 2) { ($0.deliveries, $0.reason) = (1, "suppressed") }])
        #expect(batch.messages.first?.status == .suppressed)
        let other = LedgerBatch([event("discarded", 2) { ($0.deliveries, $0.reason) = (1, "outdated") }])
        #expect(other.messages.first?.status == .canceled)
    }

    @Test func whatNoWorkerBroughtAboutIsNoAttempt() {
        let batch = LedgerBatch([event("succeeded", 2) { $0.result = "{}" }])
        #expect(batch.attempts.isEmpty)
        #expect(batch.statusEvents.map(\.type) == ["succeeded"])
        #expect(batch.messages.first?.status == .sent)
        #expect(batch.messages.first?.sentAt == 1_795_000_000_002)
    }

    @Test func aConversationIsTheSameFromBothSides() {
        let one = Conversation(.sms, between: "+1", and: "+2"), other = Conversation(.sms, between: "+2", and: "+1")
        #expect(one == other && one.id == other.id)
        #expect(one.id != Conversation(.mms, between: "+1", and: "+2").id)
        #expect(one.id != Conversation(.sms, between: "+1", and: "+3").id)
    }

    @Test func eachTenantHasAConversationOfItsOwn() {
        let ids = [nil, "acme", "beta", ""].map { Conversation(.sms, between: "+1", and: "+2", tenant: $0).id }
        #expect(Set(ids).count == ids.count)
        #expect(ids[0].description == "4ff85aef-e2e3-8984-8d92-b104e6b3da6e", "as it was before there were tenants")
    }

    @Test func whoseAMessageIsStandsInItsPayload() throws {
        let texts = [
            #"{"tenant":"acme","from":"+1","to":"+2"}"#, #"{"from":"+1","to":"+2","metadata":{"tenant":"beta"}}"#,
            #"{"from":"+1","to":"+2","tenant":7}"#,
        ]
        let acceptances = texts.map { LedgerBatch([event("accepted", 1, payload: $0)]).messages.first?.acceptance }
        #expect(acceptances.map { $0?.sender } == ["+1", "+1", "+1"])
        #expect(acceptances.map { $0?.tenant } == ["acme", nil, nil])
    }

    @Test func messagesToUsComeFromTheCallbacksResult() throws {
        let result =
            #"{"news":2,"received":[{"provider":"twilio","id":"SM1","type":"mms","from":"+1","to":"+2","#
            + #""tenant":"acme","body":"Yes","media":[{"url":"https://x"}]}]}"#
        let batch = LedgerBatch([
            event("succeeded", 2, queue: "webhook_queue") { ($0.result, $0.deliveries) = (result, 1) }
        ])
        let message = try #require(batch.messages.first)
        #expect(message.direction == .inbound && message.channel == .mms)
        #expect(message.id != id && message.id.milliseconds == id.milliseconds)
        #expect(message.acceptance?.sender == "+1" && message.acceptance?.tenant == "acme")
        #expect(batch.conversations.map(\.conversation.tenant) == ["acme"])
        #expect(batch.attempts.isEmpty)
    }

    @Test func jobsThatAreNoMessagesAreLeftOut() {
        let batch = LedgerBatch([
            event("accepted", 1, queue: "reports", payload: "{}"), event("succeeded", 2, queue: "webhook_queue"),
        ])
        #expect(batch.isEmpty)
    }

    @Test(
        arguments: [
            ("accepted", "7", "its payload is not JSON"), ("accepted", "{}", "no from"),
            ("accepted", nil, "without a payload"),
            ("reported", nil, "without a name"), ("invented", nil, "of the type invented"),
        ] as [(String, String?, String)])
    func whatCannotBeKeptIsSetAside(type: String, payload: String?, reason: String) {
        let batch = LedgerBatch([event(type, 1, payload: payload), event("accepted", 2, payload: self.payload)])
        #expect(batch.rejected.count == 1)
        #expect(batch.rejected.first?.reason.contains(reason) == true)
        #expect(batch.messages.count == 1, "the event beside it is kept")
    }

    @Test(arguments: [0, 1_577_836_799_999, 1_795_000_000_000 + 61 * 86_400_000] as [Int64])
    func anIdOfAnImpossibleTimeIsSetAside(milliseconds: Int64) {
        let event = JobEvent(
            "canceled", JobID(milliseconds: milliseconds), queue: "message_queue:sms", at: Moment(1_795_000_000_000),
            attempt: 1)
        let batch = LedgerBatch([LedgerEvent(EventID(milliseconds: 5), .job(event, payload: nil))])
        #expect(batch.messages.isEmpty && batch.rejected.count == 1)
    }
}
