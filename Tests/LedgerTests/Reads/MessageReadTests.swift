import JobRuntime
import Logging
import Messaging
import Postgres
import TestSupport
import Testing

@testable import Ledger

@Suite struct MessageReadTests {
    private let id = JobID(milliseconds: ReadBench.start, random: 7)

    @Test func aMessageWithAllThatHappenedToIt() async throws {
        let bench = try await ReadBench()
        try await bench.write([
            ReadBench.accepted(id),
            ReadBench.event("retrying", id, 3) {
                ($0.deliveries, $0.elapsed, $0.consumer, $0.error) = (2, 40, "host-1-a", "busy")
                $0.due = Moment(ReadBench.start + 9000)
            },
            ReadBench.event("succeeded", id, 5) {
                ($0.attempt, $0.deliveries, $0.result) = (2, 1, #"{"id":"SM1"}"#)
            },
            // The same report twice, and another.
            ReadBench.event("reported", id, 7) { ($0.name, $0.token, $0.result) = ("sent", "t1", #"{"code":1}"#) },
            ReadBench.event("reported", id, 8) { ($0.name, $0.token) = ("sent", "t1") },
            ReadBench.event("reported", id, 9) { ($0.name, $0.token) = ("delivered", "t2") },
        ])
        let message = try #require(try await bench.reader.message(id))
        #expect(message.id == id && message.channel == .sms && message.status == .outbound(.delivered))
        #expect(message.sender == "+15550001" && message.recipient == "+15550002")
        #expect(message.acceptedAt == ReadBench.start + 1 && message.sentAt == ReadBench.start + 5)
        #expect(message.content == #"{"from":"+15550001","to":"+15550002","body":"Hi"}"#)
        #expect(message.conversation == Conversation(.sms, between: "+15550002", and: "+15550001").id)
        #expect(message.attempts == 2 && message.error == nil && message.result == #"{"id":"SM1"}"#)
        #expect(message.timeline.map(\.type) == ["retrying", "succeeded", "reported", "reported"])
        #expect(message.timeline.map(\.status) == [.retrying, .sent, .sent, .delivered])
        #expect(message.timeline.map(\.at) == [3, 5, 7, 9].map { ReadBench.start + $0 })
        #expect(
            message.timeline[0].attempt
                == LedgerNews.Attempt(
                    number: 1, deliveries: 2, worker: "host-1-a", elapsed: 40, nextAttemptAt: ReadBench.start + 9000))
        #expect(message.timeline[0].error == "busy")
        #expect(message.timeline[2].detail == #"{"code":1}"#, "the first of those with one token")
    }

    @Test func oneThatNeverWas() async throws {
        #expect(try await ReadBench().reader.message(id) == nil)
    }

    @Test func whatIsKnownBeforeItsAcceptanceComes() async throws {
        let bench = try await ReadBench()
        try await bench.write([ReadBench.event("canceled", id, 3)])
        let message = try #require(try await bench.reader.message(id))
        #expect(message.acceptedAt == nil && message.status == .outbound(.canceled))
        #expect(try await bench.reader.messages(MessageFilter()).elements.isEmpty, "no list has it")
        try await bench.write([ReadBench.accepted(id)])
        #expect(try await bench.reader.messages(MessageFilter()).elements.map(\.id) == [id])
    }

    @Test func aMessageToUs() async throws {
        let bench = try await ReadBench()
        let result =
            #"{"news":1,"received":[{"provider":"twilio","id":"SM1","type":"sms","from":"+1","to":"+2","body":"Yes"}]}"#
        try await bench.write([
            ReadBench.event("succeeded", id, 2, queue: "webhook_queue") { ($0.result, $0.deliveries) = (result, 1) }
        ])
        let listed = try #require(try await bench.reader.messages(MessageFilter()).elements.first)
        #expect(listed.status == .received && listed.status.direction == .inbound && listed.sender == "+1")
        #expect(try await bench.reader.message(listed.id) == listed)
    }

    @Test func whatWasRedactedIsNotThere() async throws {
        let bench = try await ReadBench()
        try await bench.write([ReadBench.accepted(id)])
        try await bench.ledger.postgres.perform {
            try $0.script("UPDATE messages SET content = NULL, sender = '', redacted_at = '2027-01-01Z'")
        }
        let message = try #require(try await bench.reader.message(id))
        #expect(message.content == nil && message.sender == "" && message.redactedAt == 1_798_761_600_000)
    }

    @Test(arguments: ["", "x", "0", "019b76da-a3ff-4000-8000-000000000000", "019b76da-a3ff-7000-8000-0000000000000"])
    func whatIsNoCursorIsRefused(text: String) {
        #expect(MessageCursor(text) == nil)
    }

    @Test func anUnreachableDatabaseIsSaidToBe() async throws {
        let configuration = PostgresConfiguration(port: 1, user: "nobody", tls: .disable)
        let postgres = PostgresClient(configuration, logger: .quiet)
        let error = await #expect(throws: PostgresError.self) {
            try await LedgerReader(postgres: postgres).messages(MessageFilter())
        }
        #expect(error?.code == .unavailable)
    }
}
