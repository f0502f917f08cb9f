import JobRuntime
import NIOCore
import Postgres
import TestSupport
import Testing

@testable import Ledger

/// Old texts go, then old messages; nothing else does.
@Suite(.timeLimit(.minutes(5))) struct HousekeeperTests {
    private static let day: Int64 = 86_400_000
    /// A Wednesday, 12:00 UTC.
    private let now: Int64 = 1_795_003_200_000
    private let bench: LedgerBench

    init() async throws { bench = try await LedgerBench() }

    private func housekeeper(_ retention: LedgerRetention) -> LedgerHousekeeper {
        LedgerHousekeeper(postgres: bench.postgres, retention: retention, logger: .quiet)
    }

    private func id(_ daysAgo: Double) -> JobID {
        JobID(milliseconds: now - Int64(daysAgo * Double(Self.day)))
    }

    private func accepted(_ id: JobID, to recipient: String = "+15550002222") -> LedgerEvent {
        var event = JobEvent("accepted", id, queue: "message_queue:sms", at: Moment(id.milliseconds), attempt: 1)
        event.kind = "sms"
        return LedgerEvent(
            EventID(milliseconds: id.milliseconds),
            .job(
                event,
                payload: ByteBuffer(string: #"{"from":"+15550001111","to":"\#(recipient)","body":"\#(id)"}"#)))
    }

    private func succeeded(_ id: JobID) -> LedgerEvent {
        var event = JobEvent("succeeded", id, queue: "message_queue:sms", at: Moment(id.milliseconds + 5), attempt: 1)
        event.deliveries = 1
        return LedgerEvent(EventID(milliseconds: id.milliseconds + 5), .job(event, payload: nil))
    }

    private func write(_ events: [LedgerEvent]) async throws {
        try await LedgerWriter(postgres: bench.postgres).write(LedgerBatch(events))
    }

    private func ids(where condition: String) async throws -> Set<String> {
        let query = PostgresQuery("SELECT id FROM messages WHERE \(condition)")
        return Set(try await bench.postgres.perform { try $0.query(query).map { "\(try $0.uuid("id"))" } })
    }

    private func parts() async throws -> [String] {
        try await bench.postgres.perform {
            try $0.query("SELECT part FROM ledger_parts ORDER BY part").map { try $0.text("part") }
        }
    }

    @Test func theWeeksToComeAreThere() async throws {
        _ = try await housekeeper(LedgerRetention()).round(at: now)
        let parts = try await parts()
        #expect(parts.count == 9)
        #expect(
            parts.filter { $0.hasPrefix("messages") } == [
                "messages_2026_11_16", "messages_2026_11_23", "messages_2026_11_30",
            ])
    }

    @Test func oldTextsGoAndLateOnesToo() async throws {
        let (old, young, waiting, seam) = (id(40), id(20), id(31), id(30.001))
        try await write([old, young, waiting, seam].map { accepted($0) } + [old, young, seam].map(succeeded))
        let keeper = housekeeper(LedgerRetention(bodyDays: 30))
        #expect(try await keeper.round(at: now)?.redacted == 2)
        #expect(try await ids(where: "redacted_at IS NOT NULL") == ["\(old)", "\(seam)"])
        #expect(try await ids(where: "content IS NULL") == ["\(old)", "\(seam)"])
        // It has waited for long, and settles after its time.
        try await write([succeeded(waiting)])
        #expect(try await keeper.round(at: now + 3_600_000)?.redacted == 1)
        #expect(try await keeper.round(at: now + 3_600_000)?.isEmpty == true)
        // What comes late brings no text back.
        try await write([accepted(old), succeeded(old)])
        #expect(try await ids(where: "content IS NOT NULL") == ["\(young)"])
    }

    @Test func whatSettlesVeryLateIsFoundWithinADay() async throws {
        let waiting = id(60)
        try await write([accepted(waiting), accepted(id(59)), succeeded(id(59))])
        let keeper = housekeeper(LedgerRetention(bodyDays: 30))
        _ = try await keeper.round(at: now)
        try await write([succeeded(waiting)])
        #expect(try await keeper.round(at: now + 3_600_000)?.redacted == 0)
        #expect(try await keeper.round(at: now + Self.day)?.redacted == 1)
    }

    @Test func moreThanOneBatchIsRedactedWhileTheLedgerIsWritten() async throws {
        let old = (0..<6000).map { _ in id(40) }
        try await write(old.map { accepted($0) } + old.map(succeeded))
        async let writing: Void = write(old.prefix(2000).map(succeeded) + (0..<500).map { _ in accepted(id(1)) })
        let tally = try await housekeeper(LedgerRetention(bodyDays: 30)).round(at: now)
        try await writing
        #expect(tally?.redacted == 6000)
        #expect(try await ids(where: "redacted_at IS NULL").count == 500)
    }

    /// The part of a week goes when its last moment is old enough, and not before.
    @Test func wholeWeeksAreDropped() async throws {
        // Monday, 2026-09-21, 00:00 UTC, and the millisecond before.
        let monday: Int64 = 1_789_948_800_000
        let (before, after) = (JobID(milliseconds: monday - 1), JobID(milliseconds: monday))
        try await write([
            accepted(before, to: "+15550003333"), succeeded(before), accepted(after), succeeded(after), accepted(id(1)),
        ])
        let keeper = housekeeper(LedgerRetention(days: 30))
        let early = try await keeper.round(at: monday + 30 * Self.day - 1)
        #expect(early?.parts == [])
        let tally = try await keeper.round(at: monday + 30 * Self.day)
        #expect(tally?.parts == ["messages_2026_09_14", "attempts_2026_09_14", "status_events_2026_09_14"])
        #expect(tally?.rows == 1)
        #expect(try await ids(where: "true").contains("\(after)"))
        #expect(try await !ids(where: "true").contains("\(before)"))
        #expect(try await bench.rows(of: "conversations").count == 1)
        // What comes all the same finds a place, and goes again.
        let writer = LedgerWriter(postgres: bench.postgres)
        try await writer.write(LedgerBatch([succeeded(before)]))
        #expect(try await keeper.round(at: monday + 30 * Self.day)?.parts.count == 3)
    }

    /// Who reads holds nothing up, and neither does the housekeeping; what was half done is done the next time.
    @Test func aPartThatIsReadIsDroppedLater() async throws {
        let old = id(60)
        try await write([accepted(old), succeeded(old)])
        let keeper = housekeeper(LedgerRetention(days: 30))
        let isOver = Locked(false), hasBegun = Locked(false)
        let reading = Task {
            try await bench.postgres.transaction { session in
                _ = try session.query("SELECT count(*) FROM messages")
                hasBegun.value = true
                while !isOver.value { _ = try session.query("SELECT pg_sleep(0.01)") }
            }
        }
        try await eventually("somebody reads") { hasBegun.value }
        let tally = try await keeper.round(at: now)
        #expect(tally?.postponed.contains { $0.hasPrefix("messages_") } == true)
        try await write([accepted(id(1))])
        isOver.value = true
        try await reading.value
        _ = try await keeper.round(at: now)
        #expect(try await ids(where: "true").count == 1)
        let left = try await bench.postgres.perform {
            try $0.query("SELECT FROM pg_class WHERE relname ~ '^(messages|attempts)_2026_09_'").count
        }
        #expect(left == 0)
    }

    @Test func oneAtATime() async throws {
        let isOver = Locked(false), hasBegun = Locked(false)
        let other = Task {
            try await bench.postgres.perform { session in
                _ = try session.query(HousekeepingQueries.lock)
                hasBegun.value = true
                while !isOver.value { _ = try session.query("SELECT pg_sleep(0.01)") }
                _ = try session.query(HousekeepingQueries.unlock)
            }
        }
        try await eventually("somebody is at it") { hasBegun.value }
        #expect(try await housekeeper(LedgerRetention()).round(at: now) == nil)
        isOver.value = true
        try await other.value
        #expect(try await housekeeper(LedgerRetention()).round(at: now) != nil)
    }
}
