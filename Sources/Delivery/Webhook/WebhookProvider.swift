import AsyncHTTPClient
public import JobRuntime
public import Messaging
import NIOCore
import NIOHTTP1

/// Posts to customers' endpoints, signed as Standard Webhooks 1.0.0 says.
///
/// Delivery is at least once by that standard: the `webhook-id` is the job's id, the same over all retries, and
/// receivers deduplicate on it. So a time-out is simply tried again.
public struct WebhookProvider: Provider {
    public let name = "webhook"
    public var isIdempotent: Bool { true }

    private let endpoints: EndpointClients
    private let settings: WebhookSettings

    public init(http: OutboundHTTP, settings: WebhookSettings) {
        endpoints = http.endpoints
        self.settings = settings
    }

    public func destination(of message: Webhook) -> String { message.host }

    public func send(_ message: Webhook, attempt: Attempt) async -> Verdict {
        if let expired = attempt.fault(ofTimeLeftAt: name) { return .expired(expired) }
        // The client also speaks to unix sockets (`http+unix`), which a customer must not reach.
        guard WebAddress.fault(in: message.to) == nil,
            let request = try? HTTPClient.Request(url: message.to, method: .POST)
        else {
            return .refused(
                Fault(
                    provider: name, what: "the endpoint is not an http or https address",
                    remedy: "Correct the address and send it anew."))
        }
        let now = Int64.unixMilliseconds / 1000
        let body = ByteBuffer(string: message.body)
        do {
            let exchange = try await endpoints.exchange(
                signed(request, body: body, id: attempt.job.description, timestamp: now), body: body,
                timeout: min(settings.timeout, attempt.timeLeft ?? settings.timeout),
                guard: AddressGuard(allowed: settings.allowed))
            return WebhookAnswer.verdict(exchange, now: .unixMilliseconds / 1000)
        } catch {
            return .refused(
                Fault(
                    provider: name, what: "the endpoint's host is not on the public Internet",
                    remedy: "Give it a public address, or allow its own to the workers with WEBHOOK_ALLOW_CIDRS."))
        }
    }

    /// Adds the headers of one attempt.
    ///
    /// - Parameter timestamp: Unix seconds of this attempt; verifiers take five minutes either way.
    private func signed(
        _ request: HTTPClient.Request, body: ByteBuffer, id: String, timestamp: Int64
    ) -> HTTPClient.Request {
        var request = request
        request.headers = [
            "content-type": "application/json",
            "user-agent": "posthaste",
            "webhook-id": id,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": settings.secrets.map { $0.signature(id: id, timestamp: timestamp, body: body) }
                .joined(separator: " "),
        ]
        return request
    }
}
