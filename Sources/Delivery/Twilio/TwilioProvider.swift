import AsyncHTTPClient
public import JobRuntime
public import Messaging
public import NIOCore
import NIOHTTP1

/// Sends text messages by Twilio's Messages resource.
///
/// A POST there is not idempotent: what may have arrived is never posted again, but reported as
/// ``Verdict/ambiguous(_:)``. Source: Twilio, "Messages resource".
public struct TwilioProvider<Message: TwilioMessage>: Provider {
    public let name = "twilio"

    private let http: HTTPClient
    private let template: HTTPClient.Request
    private let timeout: Duration

    /// - Throws: `HTTPClientError` or ``SettingsError`` where the settings make no address.
    public init(http: OutboundHTTP, settings: TwilioSettings) throws {
        self.http = http.vendors
        timeout = settings.timeout
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
        let exchange = await http.exchange(template, body: message.twilioForm, timeout: timeout)
        return TwilioAnswer.verdict(exchange, now: .unixMilliseconds / 1000)
    }
}

/// A message that Twilio can carry.
public protocol TwilioMessage: Job {
    /// The body of the POST that makes it, `application/x-www-form-urlencoded`.
    var twilioForm: ByteBuffer { get }
}

extension SMS: TwilioMessage {
    public var twilioForm: ByteBuffer { form(from: from, to: to, body: body, media: []) }
}

extension MMS: TwilioMessage {
    public var twilioForm: ByteBuffer { form(from: from, to: to, body: body, media: attachments) }
}

private func form(from: String, to: String, body: String, media: [String]) -> ByteBuffer {
    // What the largest encoding of it all can need, so that the buffer never grows.
    let capacity = 3 * media.reduce(from.utf8.count + to.utf8.count + body.utf8.count) { $0 + $1.utf8.count }
    var form = ByteBufferAllocator().buffer(capacity: capacity + 16 * (media.count + 2))
    form.writeFormField("To", to)
    form.writeFormField("From", from)
    if !body.isEmpty { form.writeFormField("Body", body) }
    for address in media { form.writeFormField("MediaUrl", address) }
    return form
}
