import FoundationEssentials
import JobRuntime
import Messaging
import NIOFoundationCompat

import struct NIOCore.ByteBuffer

/// News of a message for whoever sent it, posted to the message's `status_callback` as a webhook: a job of its own, with
/// an id that follows from the message's and the news, so that it is sent once.
///
/// The document is `{"type":"message.sent","timestamp":…,"data":{…}}`, as Standard Webhooks recommends.
struct MessageEvent: Sendable {
    var status: MessageStatus
    var job: JobID
    var channel: Channel
    /// What there is to say beside: members of `data`, JSON values by name.
    var details: [(name: StaticString, json: String)] = []
    private let news: Subscriber

    /// The members of a payload that an event needs.
    private struct Subscriber: Decodable {
        var from: String
        var to: String
        var address: String
        var metadata: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case from, to, metadata
            case address = "status_callback"
        }
    }

    private static let member = Array("\"status_callback\"".utf8)

    /// - Returns: nil where nobody wants to hear of it.
    init?(_ status: MessageStatus, channel: Channel, job: JobID, payload: ByteBuffer) {
        // Most messages have no such address, and are not decoded again.
        guard payload.contains(Self.member), let news = try? JSONDecoder().decode(Subscriber.self, from: payload)
        else { return nil }
        (self.status, self.channel, self.job, self.news) = (status, channel, job, news)
    }

    init?(_ ending: Ending, channel: Channel, job: JobID, payload: ByteBuffer) {
        self.init(MessageStatus(ending), channel: channel, job: job, payload: payload)
        switch ending {
        case .succeeded(let result): if let result { details.append(("result", result)) }
        case .dead(let reason, let error), .discarded(let reason, let error):
            details = [("reason", Self.quoted(reason.rawValue)), ("error", Self.quoted(error))]
        case .unknown(let error), .expired(let error): details = [("error", Self.quoted(error))]
        }
    }

    /// - Parameter moment: Unix milliseconds; when it happened.
    func jobs(at moment: Int64) -> [NewJob] {
        let name = "message.\(status.rawValue)"
        return [
            NewJob(
                id: .derived(from: job, name), queue: JobQueue(Channel.webhook.queueName), kind: Webhook.kind,
                payload: Message.webhook(
                    Webhook(from: "posthaste", to: news.address, body: document(name, at: moment))
                ).json())
        ]
    }

    private func document(_ name: String, at moment: Int64) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("type", name)
        json.member("timestamp", time: moment)
        json.key("data")
        json.beginObject()
        json.member("id", job.description)
        json.member("type", channel.rawValue)
        json.member("status", status.rawValue)
        json.member("from", news.from)
        json.member("to", news.to)
        for detail in details {
            json.key(detail.name)
            json.json(detail.json)
        }
        if let metadata = news.metadata { json.member("metadata", metadata) }
        json.endObject()
        json.endObject()
        return String(buffer: json.buffer)
    }

    static func quoted(_ text: String) -> String {
        var json = JSONWriter(capacity: text.utf8.count + 16)
        json.string(text)
        return String(buffer: json.buffer)
    }
}

extension ByteBuffer {
    /// Foundation's search of a buffer takes 6 µs for a text message's payload, this half of one.
    fileprivate func contains(_ bytes: [UInt8]) -> Bool {
        withUnsafeReadableBytes { text in
            text.indices.dropLast(bytes.count - 1).contains { start in
                text[start] == bytes[0] && text[start...].starts(with: bytes)
            }
        }
    }
}
