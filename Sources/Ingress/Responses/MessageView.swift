import HTTPTypes
import Hummingbird
import JobRuntime
import Ledger
import Messaging
import NIOFoundationCompat

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A message as the HTTP API shows it.
enum MessageView {
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
        return Response(status: .accepted, json: writer, headers: [.location: MessagePath.of(id)])
    }

    /// The 200 for a message with a record.
    ///
    /// - Parameter ledger: what the ledger knows of it, which lags a little; nil: nothing yet, or none is kept.
    static func current(
        _ record: JobRecord, channel: Channel, ledger: LedgerMessage? = nil, keepsLedger: Bool = false
    ) -> Response {
        var writer = JSONWriter(capacity: 1024)
        let message = record.payload.flatMap { Message(channel: channel, json: $0) }
        writer.beginObject()
        writer.member("id", record.id.description)
        writer.member("type", channel.rawValue)
        if let ledger, message == nil || ledger.redactedAt != nil {
            LedgerView.writeContent(of: ledger, to: &writer)
        } else if let message {
            write(message, &writer)
            if let times = record.payload.flatMap(SubmissionTimes.init) {
                if let sendAt = times.sendAt { writer.member("send_at", sendAt) }
                if let expiresAt = times.expiresAt { writer.member("expires_at", expiresAt) }
            }
        }
        write(record.lane, &writer)
        writer.member("status", status(record, ledger).rawValue)
        writer.member("created_at", time: record.enqueuedAt)
        writeSentAt(of: record, ledger, &writer)
        writer.member("attempts", record.attemptsBegun)
        if keepsLedger {
            let conversation =
                ledger?.conversation ?? message.map { Conversation(channel, between: $0.from, and: $0.to).id }
            LedgerView.writeKinship(.outbound, conversation, to: &writer)
        }
        writeState(of: record, &writer)
        writer.key("timeline")
        Timeline.write(record, ledger: ledger, to: &writer)
        writer.endObject()
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
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

/// What stands in a payload beside the message's members; see ``Submission``.
private struct SubmissionTimes: Decodable {
    var sendAt: String?
    var expiresAt: String?

    private enum CodingKeys: String, CodingKey {
        case sendAt = "send_at"
        case expiresAt = "expires_at"
    }

    init?(_ payload: ByteBuffer) {
        guard let times = try? JSONDecoder().decode(Self.self, from: payload) else { return nil }
        self = times
    }
}

extension Message {
    fileprivate var from: String { payload.from }
    fileprivate var to: String { payload.to }

    private var payload: any MessagePayload {
        switch self {
        case .sms(let sms): sms
        case .mms(let mms): mms
        case .email(let email): email
        case .webhook(let webhook): webhook
        }
    }

    /// Decodes a payload; nil if it is not of the channel's type, as one written by another version may be.
    init?(channel: Channel, json: ByteBuffer) {
        func decoded<Payload: Job>(_ type: Payload.Type) -> Payload? {
            try? JSONDecoder().decode(type, from: json)
        }
        let message: Message? =
            switch channel {
            case .sms: decoded(SMS.self).map(Message.sms)
            case .mms: decoded(MMS.self).map(Message.mms)
            case .email: decoded(Email.self).map(Message.email)
            case .webhook: decoded(Webhook.self).map(Message.webhook)
            }
        guard let message else { return nil }
        self = message
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
