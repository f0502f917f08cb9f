import JobRuntime
import Messaging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension JobRecord {
    /// How many attempts have begun: a record counts the attempt that waits as well.
    var attemptsBegun: Int {
        switch state {
        case .queued, .scheduled, .retrying, .snoozed, .parked, .canceled, .expired, .discarded: max(attempt - 1, 0)
        case .running, .succeeded, .dead, .unknown: attempt
        }
    }

    /// The number of the attempt that `startedAt`, `settledAt`, `consumer` and `deliveries` tell of.
    fileprivate var endedAttempt: Int {
        if case .running = state { attempt - 1 } else { attemptsBegun }
    }
}

/// What happened to a message, as its job's record tells it: when it was accepted, the last attempt that has ended, what
/// the provider says has become of it, and the attempt that runs. The ledger has the whole story.
enum Timeline {
    static func write(_ record: JobRecord, to writer: inout JSONWriter) {
        writer.beginArray()
        writer.beginObject()
        writer.member("event", "accepted")
        writer.member("at", time: record.enqueuedAt)
        writer.endObject()
        writeBeginning(of: record, to: &writer)
        // A callback may overtake the end of the attempt that it tells of.
        let isEarly = record.report.map { $0.at < record.settledAt ?? .max } ?? false
        if isEarly { writeReport(of: record, to: &writer) }
        writeEnd(of: record, to: &writer)
        if !isEarly { writeReport(of: record, to: &writer) }
        if case .running(let consumer, let idle, let deliveries) = record.state {
            writer.beginObject()
            writer.member("event", MessageStatus.sending.rawValue)
            writer.member("attempt", record.attempt)
            writer.member("worker", consumer)
            writer.member("deliveries", deliveries)
            // Since when is not known: the queue tells how long ago the worker last showed that it is at it.
            writer.member("idle_ms", idle)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func writeBeginning(of record: JobRecord, to writer: inout JSONWriter) {
        guard let startedAt = record.startedAt else { return }
        writer.beginObject()
        writer.member("event", MessageStatus.sending.rawValue)
        writer.member("at", time: startedAt)
        writeAttempt(of: record, to: &writer)
        if let deliveries = record.deliveries {
            writer.member("deliveries", deliveries)
        }
        writer.endObject()
    }

    private static func writeEnd(of record: JobRecord, to writer: inout JSONWriter) {
        guard let settledAt = record.settledAt else { return }
        writer.beginObject()
        writer.member("event", outcome(of: record).rawValue)
        writer.member("at", time: settledAt)
        writeAttempt(of: record, to: &writer)
        if case .discarded(let reason) = record.state { writer.member("reason", reason.rawValue) }
        writer.endObject()
    }

    private static func writeReport(of record: JobRecord, to writer: inout JSONWriter) {
        guard let report = record.report else { return }
        writer.beginObject()
        writer.member("event", report.name)
        writer.member("at", time: report.at)
        if let detail = report.detail.flatMap(ReportDetail.init) {
            if let provider = detail.provider { writer.member("provider", provider) }
            if let code = detail.code { writer.member("code", code) }
            if let what = detail.what { writer.member("what", what) }
        }
        writer.endObject()
    }

    private static func writeAttempt(of record: JobRecord, to writer: inout JSONWriter) {
        writer.member("attempt", record.endedAttempt)
        if let consumer = record.consumer {
            writer.member("worker", consumer)
        }
    }

    /// How the last attempt that has ended did: if another follows it, it was to be retried. What was reported since
    /// then changes nothing of that.
    private static func outcome(of record: JobRecord) -> MessageStatus {
        var record = record
        record.report = nil
        return switch record.state {
        case .queued, .scheduled, .running, .retrying, .snoozed, .parked: .retrying
        case .succeeded, .dead, .unknown, .canceled, .expired, .discarded: MessageStatus(record)
        }
    }
}

/// What of a report's detail is for the client: who says it, and why a message did not arrive.
private struct ReportDetail: Decodable {
    var provider: String?
    var code: Int?
    var what: String?

    init?(_ json: String) {
        guard let detail = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = detail
    }
}
