import AsyncHTTPClient
public import JobRuntime
public import Messaging
import NIOCore
import NIOHTTP1

/// Sends mail by SendGrid's Mail Send API.
///
/// The job's id goes along as the custom argument `message_id`, which every event of the mail brings back: it, and not
/// SendGrid's id, joins the two. A POST is not idempotent. Source: SendGrid, "Mail Send".
public struct SendGridProvider: Provider {
    public let name = "sendgrid"

    private let http: HTTPClient
    private let template: HTTPClient.Request
    private let timeout: Duration

    /// - Throws: `HTTPClientError` or ``SettingsError`` where the settings make no address.
    public init(http: OutboundHTTP, settings: SendGridSettings) throws {
        self.http = http.vendors
        timeout = settings.timeout
        template = try HTTPClient.Request(
            url: settings.sendURL, method: .POST,
            headers: [
                "authorization": "Bearer \(settings.apiKey.revealed)",
                "content-type": "application/json",
                "accept": "application/json",
                "user-agent": "posthaste",
            ])
    }

    public func send(_ message: Email, attempt: Attempt) async -> Verdict {
        if let expired = attempt.fault(ofTimeLeftAt: name) { return .expired(expired) }
        let exchange = await http.exchange(
            template, body: message.sendGridMail(id: attempt.job), timeout: min(timeout, attempt.timeLeft ?? timeout))
        return SendGridAnswer.verdict(exchange, now: .unixMilliseconds / 1000)
    }
}

extension Email {
    /// The body of the POST: one recipient, the plain text before the HTML, nothing that is unused.
    func sendGridMail(id: JobID) -> ByteBuffer {
        var length = from.utf8.count + to.utf8.count + subject.utf8.count + body.utf8.count + (html?.utf8.count ?? 0)
        for attachment in attachments ?? [] {
            length += attachment.content.utf8.count + attachment.filename.utf8.count + 128
        }
        // A tenth more for what is to be escaped, and what stands around it all.
        var mail = JSONWriter(capacity: 320 + length + length / 10)
        mail.beginObject()
        mail.key("personalizations")
        mail.beginArray()
        mail.beginObject()
        mail.key("to")
        mail.beginArray()
        mail.address(to)
        mail.endArray()
        mail.key("custom_args")
        mail.beginObject()
        mail.member("message_id", id.description)
        mail.endObject()
        mail.endObject()
        mail.endArray()
        mail.key("from")
        mail.address(from)
        mail.member("subject", subject)
        mail.key("content")
        mail.beginArray()
        // SendGrid refuses an empty part, so an empty text is left out where there is HTML to show.
        if !body.isEmpty || html == nil { mail.part("text/plain", body) }
        if let html { mail.part("text/html", html) }
        mail.endArray()
        if let attachments, !attachments.isEmpty { mail.attachments(attachments) }
        mail.endObject()
        return mail.buffer
    }
}

extension JSONWriter {
    fileprivate mutating func address(_ address: String) {
        beginObject()
        member("email", address)
        endObject()
    }

    fileprivate mutating func part(_ type: String, _ value: String) {
        beginObject()
        member("type", type)
        member("value", value)
        endObject()
    }

    fileprivate mutating func attachments(_ attachments: [Email.Attachment]) {
        key("attachments")
        beginArray()
        for attachment in attachments {
            beginObject()
            member("content", attachment.content)
            member("type", attachment.type)
            member("filename", attachment.filename)
            member("disposition", "attachment")
            endObject()
        }
        endArray()
    }
}
