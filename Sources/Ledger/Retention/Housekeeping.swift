import JobRuntime
import Postgres

/// One round of the ledger's housekeeping, on one connection. Every statement is a transaction of its own, short enough to
/// hold up nobody.
struct Housekeeping {
    let session: PostgresSession
    /// Unix milliseconds.
    let now: Int64
    let stop: StopFlag
    private(set) var tally = HousekeepingTally()

    private static let day: Int64 = 86_400_000
    private static let batch = 5000
    /// How far back each round looks for messages that have settled late, in days; once a day it looks at all.
    private static let lookback: Int64 = 3

    init(session: PostgresSession, now: Int64, stop: StopFlag) {
        self.session = session
        self.now = now
        self.stop = stop
    }

    private func first(_ moment: Int64) -> PostgresValue {
        .uuid(PostgresUUID(high: UInt64(clamping: moment) << 16, low: 0))
    }

    /// The parts of this week and the two next.
    func makeWeeks() throws {
        let moments = (0...2).map { now + $0 * 7 * Self.day }
        try session.query(HousekeepingQueries.ensureWeeks, [.ints(moments)])
    }

    // MARK: Texts

    mutating func dropPayloads() throws {
        var count = Self.batch
        while count == Self.batch, !stop.isSet {
            count = try session.query(HousekeepingQueries.payloads, [.int(Int64(Self.batch))]).affected
            tally.rows += count
        }
    }

    mutating func redact(olderThan days: Int) throws {
        let cutoff = now - Int64(days) * Self.day
        try deleteAll(HousekeepingQueries.rejected, .time(cutoff))
        guard let oldest = try session.query(HousekeepingQueries.oldest)[0].intIfAny("starts_at") else { return }
        let last = try state("redacted_until") ?? oldest
        let lastWhole = try state("redacted_whole_at") ?? 0
        let isWhole = now - lastWhole >= Self.day
        var start = isWhole ? oldest : max(oldest, last - Self.lookback * Self.day)
        while start < cutoff {
            // A day at a time: what was redacted before is passed over quickly.
            let end = min(cutoff, start + Self.day)
            guard try redact(from: start, to: end) else { return }
            start = end
        }
        try remember("redacted_until", max(last, cutoff))
        if isWhole { try remember("redacted_whole_at", now) }
    }

    /// - Returns: whether it got to the end.
    private mutating func redact(from start: Int64, to end: Int64) throws -> Bool {
        var count = Self.batch
        while count == Self.batch {
            guard !stop.isSet else { return false }
            count = try session.query(
                HousekeepingQueries.redact, [first(start), first(end), .int(Int64(Self.batch))]
            ).affected
            tally.redacted += count
        }
        return true
    }

    private func state(_ name: String) throws -> Int64? {
        try session.query(HousekeepingQueries.state, [.text(name)]).first.flatMap { Int64(try $0.text("value")) }
    }

    private func remember(_ name: String, _ value: Int64) throws {
        try session.query(HousekeepingQueries.remember, [.text(name), .text("\(value)")])
    }

    // MARK: Whole messages

    mutating func drop(olderThan days: Int) throws {
        let cutoff = now - Int64(days) * Self.day
        try session.query(HousekeepingQueries.lockTimeout)
        defer { _ = try? session.query(HousekeepingQueries.noLockTimeout) }
        for row in try session.query(HousekeepingQueries.parts, [.int(cutoff)]) {
            guard !stop.isSet else { return }
            let part = try row.text("part")
            try dropPart(part, of: try row.textIfAny("parent"))
        }
        // Of what has no part any more.
        let oldest = try session.query(HousekeepingQueries.oldest)[0].intIfAny("starts_at") ?? cutoff
        let start = first(min(cutoff, oldest))
        try deleteAll(HousekeepingQueries.conversations, start)
        try deleteAll(HousekeepingQueries.endpoints, start)
        try deleteAll(HousekeepingQueries.rejected, .time(cutoff))
    }

    /// - Parameter parent: nil: it is detached.
    private mutating func dropPart(_ part: String, of parent: String?) throws {
        do throws(PostgresError) {
            if let parent {
                try detach(part, of: parent)
            }
            try session.query(PostgresQuery("DROP TABLE \(part)"))
            tally.parts.append(part)
        } catch {
            // Somebody reads or writes it, or another part that was to go before it: then not now.
            guard error.code == .refused, error.isTransient || error.sqlState == "55000" else { throw error }
            tally.postponed.append(part)
        }
    }

    private func detach(_ part: String, of parent: String) throws(PostgresError) {
        let detach = "ALTER TABLE \(parent) DETACH PARTITION \(part)"
        do throws(PostgresError) {
            try session.query(PostgresQuery("\(detach) CONCURRENTLY"))
        } catch {
            // 55000: it was begun in an earlier round, and broke off.
            guard error.sqlState == "55000" else { throw error }
            try session.query(PostgresQuery("\(detach) FINALIZE"))
        }
    }

    private mutating func deleteAll(_ query: PostgresQuery, _ bound: PostgresValue) throws {
        var count = Self.batch
        while count == Self.batch, !stop.isSet {
            count = try session.query(query, [bound, .int(Int64(Self.batch))]).affected
            tally.rows += count
        }
    }
}
