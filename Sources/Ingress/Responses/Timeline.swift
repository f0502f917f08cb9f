import JobRuntime
import Messaging

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

/// What happened to a message, as its job's record tells it: when it was accepted, the last attempt that has ended, and
/// the one that runs. The ledger has the whole story.
enum Timeline {
    static func write(_ record: JobRecord, to writer: inout JSONWriter) {
        writer.beginArray()
        writer.beginObject()
        writer.member("event", "accepted")
        writer.member("at", time: record.enqueuedAt)
        writer.endObject()
        writeEndedAttempt(of: record, to: &writer)
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

    private static func writeEndedAttempt(of record: JobRecord, to writer: inout JSONWriter) {
        if let startedAt = record.startedAt {
            writer.beginObject()
            writer.member("event", MessageStatus.sending.rawValue)
            writer.member("at", time: startedAt)
            writeAttempt(of: record, to: &writer)
            if let deliveries = record.deliveries {
                writer.member("deliveries", deliveries)
            }
            writer.endObject()
        }
        if let settledAt = record.settledAt {
            writer.beginObject()
            writer.member("event", outcome(of: record).rawValue)
            writer.member("at", time: settledAt)
            writeAttempt(of: record, to: &writer)
            writer.endObject()
        }
    }

    private static func writeAttempt(of record: JobRecord, to writer: inout JSONWriter) {
        writer.member("attempt", record.endedAttempt)
        if let consumer = record.consumer {
            writer.member("worker", consumer)
        }
    }

    /// How the last attempt that has ended did: if another follows it, it was to be retried.
    private static func outcome(of record: JobRecord) -> MessageStatus {
        switch record.state {
        case .queued, .scheduled, .running, .retrying, .snoozed, .parked: .retrying
        case .succeeded, .dead, .unknown, .canceled, .expired, .discarded: MessageStatus(record)
        }
    }
}
