import HTTPTypes
import Hummingbird
import JobRuntime
import Ledger
import Messaging

/// A message as the HTTP API shows it.
enum MessageView {
    /// Says of an answer that it is the one of an earlier request with the same idempotency key.
    static func mark(_ headers: inout HTTPFields, _ receipt: Receipt) {
        if receipt.isDuplicate { headers[.idempotentReplayed] = "true" }
    }

    /// The 202 for a message that the queue has taken.
    static func accepted(_ submission: Submission, receipt: Receipt) -> Response {
        let id = receipt.id.description
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", id)
        writer.member("type", submission.message.channel.rawValue)
        write(submission.message, &writer)
        write(submission.lane, &writer)
        submission.writeTimes(to: &writer)
        writer.member("status", MessageStatus.pending.rawValue)
        writer.member("created_at", time: receipt.enqueuedAt)
        writer.key("sent_at")
        writer.null()
        writer.member("attempts", 0)
        writer.endObject()
        var headers: HTTPFields = [.location: MessagePath.of(id)]
        mark(&headers, receipt)
        return Response(status: .accepted, json: writer, headers: headers)
    }

    /// A message with a record.
    ///
    /// - Parameter ledger: what the ledger knows of it, which lags a little; nil: nothing yet, or none is kept.
    static func current(
        _ stored: StoredMessage, ledger: LedgerMessage? = nil, keepsLedger: Bool = false,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let (record, channel) = (stored.record, stored.channel)
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.member("id", record.id.description)
        writer.member("type", channel.rawValue)
        if let ledger, stored.message == nil || ledger.redactedAt != nil {
            LedgerView.writeContent(of: ledger, to: &writer)
        } else if let message = stored.message {
            write(message, &writer)
            if let sendAt = stored.extras?.sendAt { writer.member("send_at", sendAt) }
            if let expiresAt = stored.extras?.expiresAt { writer.member("expires_at", expiresAt) }
        }
        write(record.lane, &writer)
        writer.member("status", Self.status(record, ledger).rawValue)
        writer.member("created_at", time: record.enqueuedAt)
        writeSentAt(of: record, ledger, &writer)
        writer.member("attempts", record.attemptsBegun)
        if keepsLedger {
            LedgerView.writeKinship(.outbound, ledger?.conversation ?? stored.conversation, to: &writer)
        }
        writeState(of: record, &writer)
        writer.key("timeline")
        Timeline.write(record, ledger: ledger, to: &writer)
        writer.endObject()
        return Response(status: status, json: writer, headers: [.cacheControl: "no-store"])
    }

    /// The 200 for a message that only the ledger knows.
    static func logged(_ message: LedgerMessage) -> Response {
        var writer = JSONWriter(capacity: 1024)
        LedgerView.write(message, withTimeline: true, to: &writer)
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
    }

    /// The record's, which is never behind, unless the ledger has a provider's word that outranks it: what can only be
    /// true of a message that was sent stays true. All else that it says may be of before a redrive.
    private static func status(_ record: JobRecord, _ ledger: LedgerMessage?) -> MessageStatus {
        let status = MessageStatus(record)
        guard case .outbound(let news) = ledger?.status, news.rank >= MessageStatus.sent.rank else { return status }
        return status.advanced(to: news)
    }

    /// The message's members. Of files only what they are: the client has their contents, and they can be many
    /// megabytes.
    private static func write(_ message: Message, _ writer: inout JSONWriter) {
        guard case .email(var email) = message, let attachments = email.attachments else {
            message.writeMembers(to: &writer)
            return
        }
        email.attachments = nil
        Message.email(email).writeMembers(to: &writer)
        writer.key("attachments")
        writer.beginArray()
        for attachment in attachments {
            writer.beginObject()
            writer.member("filename", attachment.filename)
            writer.member("type", attachment.type)
            writer.member("size", Base64.size(of: attachment.content) ?? 0)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func write(_ lane: Lane, _ writer: inout JSONWriter) {
        if lane != .normal { writer.member("priority", lane.rawValue) }
    }

    private static func writeSentAt(of record: JobRecord, _ ledger: LedgerMessage?, _ writer: inout JSONWriter) {
        writer.key("sent_at")
        if case .succeeded = record.state, let moment = record.settledAt {
            writer.time(moment)
        } else if let moment = ledger?.sentAt {
            writer.time(moment)
        } else {
            writer.null()
        }
    }

    /// What only some states have.
    private static func writeState(of record: JobRecord, _ writer: inout JSONWriter) {
        switch record.state {
        case .retrying(let due), .scheduled(let due), .parked(let due): writer.member("next_attempt_at", time: due)
        case .snoozed(let due, let reason):
            writer.member("next_attempt_at", time: due)
            writer.member("reason", reason)
        case .dead(let reason), .discarded(let reason): writer.member("reason", reason.rawValue)
        case .succeeded(let result?): write(result: result, &writer)
        case .succeeded(nil), .queued, .running, .unknown, .canceled, .expired: break
        }
        // The error of an earlier attempt says nothing of a message that was sent after all.
        if let error = record.error, !record.state.isSuccess {
            writer.member("error", error)
        }
    }

    /// A handler's result should be JSON. If it is not, it is shown as a string rather than break the document.
    private static func write(result: String, _ writer: inout JSONWriter) {
        writer.key("result")
        if JSONScanner.isDocument(result) {
            writer.json(result)
        } else {
            writer.string(result)
        }
    }
}

extension JSONScanner {
    /// Whether a text is one whole JSON document.
    static func isDocument(_ text: String) -> Bool {
        var scanner = JSONScanner(text)
        do throws(JSONSyntaxError) {
            try scanner.skipValue()
            try scanner.finish()
            return true
        } catch {
            return false
        }
    }
}
