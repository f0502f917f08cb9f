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
                    remedy: "Send from a number or a name, or by Twilio."))
        }
        let now = Int64.unixMilliseconds
        let timeToLive = attempt.meta.expiresAt.map { max($0, now) - now }
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
    /// The milliseconds that Vonage lets a message be tried for.
    private static let timesToLive: ClosedRange<Int64> = 20_000...604_800_000

    /// The body of the POST. The key and the secret stand in it, not in the address, which proxies write down.
    ///
    /// - Parameter timeToLive: milliseconds until the message is of no more use; brought within what Vonage takes.
    func vonageForm(id: JobID, timeToLive: Int64?, settings: VonageSettings) -> ByteBuffer {
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
            let limits = Self.timesToLive
            form.writeFormField("ttl", String(min(max(timeToLive, limits.lowerBound), limits.upperBound)))
        }
        return form
    }

    private static func withoutPlus(_ address: String) -> String {
        PhoneNumber.fault(in: address) == nil ? String(address.dropFirst()) : address
    }
}
