import AsyncHTTPClient
public import JobRuntime
public import Messaging
import NIOCore
import NIOHTTP1

/// Sends text messages by Twilio's Messages resource.
///
/// A POST there is not idempotent: what may have arrived is never posted again before Twilio's list was asked for it.
/// Source: Twilio, "Messages resource".
public struct TwilioProvider<Message: TwilioMessage>: Provider {
    public let name = "twilio"
    public let canBeAsked = true

    private let http: HTTPClient
    private let template: HTTPClient.Request
    private let settings: TwilioSettings

    /// - Throws: `HTTPClientError` or ``SettingsError`` where the settings make no address.
    public init(http: OutboundHTTP, settings: TwilioSettings) throws {
        self.http = http.vendors
        self.settings = settings
        let credentials = HTTPClient.Authorization.basic(
            username: settings.accountSID, password: settings.authToken.revealed)
        template = try HTTPClient.Request(
            url: settings.messagesURL, method: .POST,
            headers: [
                "authorization": credentials.headerValue,
                "content-type": "application/x-www-form-urlencoded",
                "accept": "application/json",
                "user-agent": "posthaste",
            ])
    }

    public func send(_ message: Message, attempt: Attempt) async -> Verdict {
        if let expired = attempt.fault(ofTimeLeftAt: name) { return .expired(expired) }
        var timeout = settings.timeout
        var form = message.twilioForm
        if let left = attempt.timeLeft {
            // What Twilio takes at the end of the time-out is not to arrive after the message's time.
            timeout = min(timeout, left / 2)
            let validity = min(36_000, max(1, Int64((left - timeout) / .seconds(1))))
            form.writeFormField("ValidityPeriod", "\(validity)")
        }
        if let publicURL = settings.publicURL {
            form.writeFormField("StatusCallback", TwilioPath.status(of: attempt.job, at: publicURL))
        }
        let exchange = await http.exchange(template, body: form, timeout: timeout)
        return TwilioAnswer.verdict(exchange, now: .unixMilliseconds / 1000)
    }

    public func find(_ message: Message, since: Int64) async -> Finding {
        let query = TwilioQuery(message, since: since)
        guard let address = try? "\(settings.messagesURL)?\(query.text)",
            var request = try? HTTPClient.Request(url: address, method: .GET, headers: template.headers)
        else { return .unknowable }
        request.headers.remove(name: "content-type")
        let exchange = await http.exchange(
            request, body: ByteBuffer(), timeout: settings.timeout, longestBody: TwilioQuery.longestAnswer)
        return query.finding(in: exchange)
    }
}

/// The addresses of the ingress that Twilio calls.
public enum TwilioPath {
    /// Where it tells what becomes of a message: with the message's own id, which is known before the send is answered.
    public static func status(of job: JobID, at publicURL: String) -> String {
        "\(publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL)\(statusPath)/\(job)"
    }

    public static let statusPath = "/api/v1/webhooks/twilio/status"
}

/// A message that Twilio can carry.
public protocol TwilioMessage: MessagePayload {
    var body: String { get }
    /// Addresses of media.
    var media: [String] { get }
}

extension SMS: TwilioMessage {
    public var media: [String] { [] }
}

extension MMS: TwilioMessage {
    public var media: [String] { attachments }
}

extension TwilioMessage {
    /// The body of the POST that makes it, `application/x-www-form-urlencoded`.
    var twilioForm: ByteBuffer {
        // What the largest encoding of it all can need, so that the buffer seldom grows.
        let capacity = 3 * media.reduce(from.utf8.count + to.utf8.count + body.utf8.count) { $0 + $1.utf8.count }
        var form = ByteBufferAllocator().buffer(capacity: capacity + 16 * (media.count + 2) + 160)
        form.writeFormField("To", to)
        if TextSender.isMessagingService(from) {
            form.writeFormField("MessagingServiceSid", from)
        } else {
            form.writeFormField("From", from)
        }
        if !body.isEmpty { form.writeFormField("Body", body) }
        for address in media { form.writeFormField("MediaUrl", address) }
        return form
    }
}
