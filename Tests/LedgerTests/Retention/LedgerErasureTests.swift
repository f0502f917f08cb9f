import JobRuntime
import NIOCore
import Postgres
import TestSupport
import Testing

@testable import Ledger

/// An address that was erased is nowhere in the ledger, whatever comes later.
@Suite(.timeLimit(.minutes(5))) struct LedgerErasureTests {
    private func events(_ id: JobID, _ channel: String, from: String, to: String) -> [LedgerEvent] {
        let at = id.milliseconds
        var accepted = JobEvent("accepted", id, queue: "message_queue:\(channel)", at: Moment(at), attempt: 1)
        accepted.kind = channel
        var failed = JobEvent("dead", id, queue: "message_queue:\(channel)", at: Moment(at + 1), attempt: 1)
        (failed.deliveries, failed.error, failed.reason) = (1, "cannot reach \(to)", "permanent")
        var reported = JobEvent("reported", id, queue: "", at: Moment(at + 2), attempt: 1)
        (reported.name, reported.result) = ("undelivered", #"{"to":"\#(to)"}"#)
        let payload = ByteBuffer(string: #"{"from":"\#(from)","to":"\#(to)","body":"about \#(to)"}"#)
        return [
            LedgerEvent(EventID(milliseconds: at), .job(accepted, payload: payload)),
            LedgerEvent(EventID(milliseconds: at + 1), .job(failed, payload: nil)),
            LedgerEvent(EventID(milliseconds: at + 2), .job(reported, payload: nil)),
        ]
    }

    @Test(arguments: ["+15550002222", "https://example.com/hook?a=%_"])
    func nothingOfItIsLeftAndNothingComesBack(address: String) async throws {
        let bench = try await LedgerBench()
        let channel = address.hasPrefix("+") ? "sms" : "webhook"
        let (one, two, other) = (JobID(), JobID(), JobID())
        let mine = events(one, channel, from: "us", to: address) + events(two, channel, from: address, to: "us")
        let writer = LedgerWriter(postgres: bench.postgres)
        let bad = LedgerEvent(EventID(milliseconds: 9), .unreadable(fields: [.init("to", address)], why: "odd"))
        try await writer.write(LedgerBatch(mine + events(other, channel, from: "us", to: "somebody") + [bad]))

        let erasure = LedgerErasure(postgres: bench.postgres)
        let found = try await erasure.messages(of: address)
        #expect(Set(found) == [one, two])
        let tally = try await erasure.erase(address, found)
        #expect(tally.messages == 2 && tally.conversations == 1 && tally.rejectedEvents == 1)
        #expect(tally.endpoints == (channel == "webhook" ? 1 : 0))
        // The same events once more, and one that was new.
        var late = JobEvent(
            "succeeded", one, queue: "message_queue:\(channel)", at: Moment(one.milliseconds + 7), attempt: 2)
        late.deliveries = 1
        try await writer.write(LedgerBatch(mine))
        #expect(try await bench.everything().filter { $0.contains(address) } == [])
        try await writer.write(
            LedgerBatch([LedgerEvent(EventID(milliseconds: one.milliseconds + 7), .job(late, payload: nil))]))

        let everything = try await bench.everything() + bench.rows(of: "rejected_events")
        #expect(everything.filter { $0.contains(address) } == [])
        #expect(everything.filter { $0.contains("somebody") }.count >= 3)
        #expect(try await bench.rows(of: "conversations").count == 1)
        #expect(try await erasure.messages(of: address) == [])
        let ends = try await bench.postgres.perform { session in
            try session.query(
                "SELECT sender, recipient, status::text AS status FROM messages WHERE redacted_at IS NOT NULL ORDER BY sender DESC"
            ).map { [try $0.text("sender"), try $0.text("recipient"), try $0.text("status")] }
        }
        #expect(ends == [["us", "erased", "undelivered"], ["erased", "us", "undelivered"]])
    }

    /// They go on talking: that is known, and what was before stays forgotten.
    @Test func aNewMessageIsANewConversation() async throws {
        let bench = try await LedgerBench()
        let writer = LedgerWriter(postgres: bench.postgres), erasure = LedgerErasure(postgres: bench.postgres)
        let old = JobID()
        try await writer.write(LedgerBatch(events(old, "sms", from: "us", to: "them")))
        _ = try await erasure.erase("them", [old])
        let new = JobID(milliseconds: old.milliseconds + 1)
        try await writer.write(LedgerBatch(events(new, "sms", from: "us", to: "them")))
        let line = try #require(try await bench.rows(of: "conversations").first)
        #expect(!line.contains("\(old)") && line.contains("\(new)"))
        #expect(try await erasure.messages(of: "them") == [new])
    }
}
