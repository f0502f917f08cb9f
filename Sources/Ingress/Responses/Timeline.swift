import JobRuntime
import Ledger
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

/// What happened to a message. Its job's record tells when it was accepted, of the last attempt that has ended, of what
/// the provider says has become of it, and of the attempt that runs. The ledger tells the whole story, up to a moment
/// ago.
enum Timeline {
    /// - Parameter ledger: what it has not told yet is completed from the record.
    static func write(_ record: JobRecord, ledger: LedgerMessage? = nil, to writer: inout JSONWriter) {
        let told = ledger?.timeline ?? []
        writer.beginArray()
        writeAcceptance(at: ledger?.acceptedAt ?? record.enqueuedAt, to: &writer)
        write(told, to: &writer)
        let endIsTold = told.contains { $0.type != "reported" && $0.at >= record.settledAt ?? .max }
        let reportIsTold = told.contains { $0.type == "reported" && $0.at >= record.report?.at ?? .max }
        // A callback may overtake the end of the attempt that it tells of.
        let isEarly = record.report.map { $0.at < record.settledAt ?? .max } ?? false
        if !endIsTold { writeBeginning(of: record, to: &writer) }
        if isEarly, !reportIsTold { writeReport(of: record, to: &writer) }
        if !endIsTold { writeEnd(of: record, to: &writer) }
        if !isEarly, !reportIsTold { writeReport(of: record, to: &writer) }
        writeRunning(of: record, to: &writer)
        writer.endArray()
    }

    static func writeAcceptance(at moment: Int64, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("event", "accepted")
        writer.member("at", time: moment)
        writer.endObject()
    }

    /// What the ledger tells: of an attempt its beginning and its end. A callback may have come between them.
    static func write(_ told: [LedgerNews], to writer: inout JSONWriter) {
        var steps: [(news: LedgerNews, begunAt: Int64?)] = []
        for news in told {
            if let elapsed = news.attempt?.elapsed {
                let begunAt = news.at - elapsed
                let later = steps.reversed().prefix { $0.news.type == "reported" && $0.news.at > begunAt }.count
                steps.insert((news, begunAt), at: steps.count - later)
            }
            steps.append((news, nil))
        }
        for step in steps {
            if let begunAt = step.begunAt {
                writeBeginning(of: step.news, at: begunAt, to: &writer)
            } else {
                write(step.news, to: &writer)
            }
        }
    }

    private static func writeBeginning(of news: LedgerNews, at moment: Int64, to writer: inout JSONWriter) {
        guard let attempt = news.attempt else { return }
        writer.beginObject()
        writer.member("event", MessageStatus.sending.rawValue)
        writer.member("at", time: moment)
        writeAttempt(attempt.number, worker: attempt.worker, to: &writer)
        writer.member("deliveries", attempt.deliveries)
        writer.endObject()
    }

    private static func write(_ news: LedgerNews, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("event", news.name)
        writer.member("at", time: news.at)
        if let attempt = news.attempt { writeAttempt(attempt.number, worker: attempt.worker, to: &writer) }
        if let reason = news.reason { writer.member("reason", reason) }
        if news.type == "reported" {
            write(reportDetail: news.detail, to: &writer)
        } else if let error = news.error {
            writer.member("error", error)
        }
        writer.endObject()
    }

    private static func writeRunning(of record: JobRecord, to writer: inout JSONWriter) {
        guard case .running(let consumer, let idle, let deliveries) = record.state else { return }
        writer.beginObject()
        writer.member("event", MessageStatus.sending.rawValue)
        writer.member("attempt", record.attempt)
        writer.member("worker", consumer)
        writer.member("deliveries", deliveries)
        // Since when is not known: the queue tells how long ago the worker last showed that it is at it.
        writer.member("idle_ms", idle)
        writer.endObject()
    }

    private static func writeBeginning(of record: JobRecord, to writer: inout JSONWriter) {
        guard let startedAt = record.startedAt else { return }
        writer.beginObject()
        writer.member("event", MessageStatus.sending.rawValue)
        writer.member("at", time: startedAt)
        writeAttempt(record.endedAttempt, worker: record.consumer, to: &writer)
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
        writeAttempt(record.endedAttempt, worker: record.consumer, to: &writer)
        if case .discarded(let reason) = record.state { writer.member("reason", reason.rawValue) }
        writer.endObject()
    }

    private static func writeReport(of record: JobRecord, to writer: inout JSONWriter) {
        guard let report = record.report else { return }
        writer.beginObject()
        writer.member("event", report.name)
        writer.member("at", time: report.at)
        write(reportDetail: report.detail, to: &writer)
        writer.endObject()
    }

    private static func write(reportDetail json: String?, to writer: inout JSONWriter) {
        guard let detail = json.flatMap(ReportDetail.init) else { return }
        if let provider = detail.provider { writer.member("provider", provider) }
        if let code = detail.code { writer.member("code", code) }
        if let error = detail.error { writer.member("error", error) }
    }

    private static func writeAttempt(_ number: Int, worker: String?, to writer: inout JSONWriter) {
        writer.member("attempt", number)
        if let worker { writer.member("worker", worker) }
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
    var error: String?

    init?(_ json: String) {
        guard let detail = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = detail
    }
}
