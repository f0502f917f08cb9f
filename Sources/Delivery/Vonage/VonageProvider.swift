import AsyncHTTPClient
public import JobRuntime
import Logging
public import Messaging
import NIOCore
import NIOHTTP1

/// Sends text messages by Vonage's SMS API.
///
/// A POST there is not idempotent. The job's id goes along as `client-ref`, which every delivery receipt brings back.
/// Source: Vonage, "SMS API reference".
public struct VonageProvider: Provider {
    public let name = "vonage"

    private let http: HTTPClient
    private let template: HTTPClient.Request
    private let settings: VonageSettings

    /// - Throws: `HTTPClientError` or ``SettingsError`` where the settings make no address.
    public init(http: OutboundHTTP, settings: VonageSettings) throws {
        self.http = http.vendors
        self.settings = settings
        template = try HTTPClient.Request(
            url: settings.sendURL, method: .POST,
            headers: [
                "content-type": "application/x-www-form-urlencoded",
                "accept": "application/json",
                "user-agent": "posthaste",
            ])
    }

    public func send(_ message: SMS, attempt: Attempt) async -> Verdict {
        guard !TextSender.isMessagingService(message.from) else {
            return .misconfigured(
                Fault(
                    provider: name, what: "the sender is a Messaging Service of Twilio, which Vonage does not have",
                    remedy: "Send from a number or a name, or by Twilio.", scope: .message))
        }
        let timeToLive = attempt.timeLeft.map { $0 - settings.timeout }
        if let timeToLive, timeToLive < SMS.shortestTimeToLive {
            return .expired(
                Fault(
                    provider: name, what: "the message's time ends before Vonage would give up delivering it",
                    remedy: "Give it half a minute at least."))
        }
        let exchange = await http.exchange(
            template, body: message.vonageForm(id: attempt.job, timeToLive: timeToLive, settings: settings),
            timeout: settings.timeout)
        let answer = VonageAnswer(exchange, now: .unixMilliseconds / 1000)
        if let fault = answer.faultOfParts {
            attempt.logger.warning(
                "sent in part; it is not sent again, for that would repeat the parts that were taken",
                metadata: ["provider": "\(name)", "error": "\(fault)"])
        }
        return answer.verdict
    }
}

extension SMS {
    /// How long Vonage tries at least to deliver a message, and at most.
    static let shortestTimeToLive = Duration.seconds(20)
    private static let longestTimeToLive = Duration.seconds(604_800)

    /// The body of the POST. The key and the secret stand in it, not in the address, which proxies write down.
    ///
    /// - Parameter timeToLive: until the message is of no more use; brought within what Vonage takes.
    func vonageForm(id: JobID, timeToLive: Duration?, settings: VonageSettings) -> ByteBuffer {
        var form = ByteBufferAllocator().buffer(capacity: 512 + 3 * body.utf8.count)
        form.writeFormField("api_key", settings.apiKey)
        form.writeFormField("api_secret", settings.apiSecret.revealed)
        form.writeFormField("to", Self.withoutPlus(to))
        form.writeFormField("from", Self.withoutPlus(from))
        form.writeFormField("text", body)
        // Without it, Vonage replaces what GSM-7 does not have.
        if Segments(body).encoding == .ucs2 { form.writeFormField("type", "unicode") }
        form.writeFormField("client-ref", id.description)
        form.writeFormField("status-report-req", "1")
        if let callback = settings.callback { form.writeFormField("callback", callback) }
        if let timeToLive {
            let life = min(max(timeToLive, Self.shortestTimeToLive), Self.longestTimeToLive)
            form.writeFormField("ttl", String(life.milliseconds))
        }
        return form
    }

    private static func withoutPlus(_ address: String) -> String {
        PhoneNumber.fault(in: address) == nil ? String(address.dropFirst()) : address
    }
}
