public import JobRuntime
public import Messaging

/// The handlers of a worker's four channels, as far as their providers are configured.
///
/// A channel without a provider has no handler: the worker then leaves its queue alone, and the messages wait.
public struct DeliveryHandlers: Sendable {
    public let sms: ProviderHandler<SMS>?
    public let mms: ProviderHandler<MMS>?
    public let email: ProviderHandler<Email>?
    public let webhook: ProviderHandler<Webhook>?

    /// - Throws: ``SettingsError`` or the HTTP client's error where a vendor's base is no address.
    public init(
        http: OutboundHTTP, twilio: TwilioSettings? = nil, sendGrid: SendGridSettings? = nil,
        webhook: WebhookSettings? = nil
    ) throws {
        sms = try twilio.map { ProviderHandler(try TwilioProvider<SMS>(http: http, settings: $0)) }
        mms = try twilio.map { ProviderHandler(try TwilioProvider<MMS>(http: http, settings: $0)) }
        email = try sendGrid.map { ProviderHandler(try SendGridProvider(http: http, settings: $0)) }
        self.webhook = webhook.map { ProviderHandler(WebhookProvider(http: http, settings: $0)) }
    }

    /// The channels that have a handler, in the order of ``Channel``.
    public var channels: [Channel] {
        Channel.allCases.filter { channel in
            switch channel {
            case .sms: sms != nil
            case .mms: mms != nil
            case .email: email != nil
            case .webhook: webhook != nil
            }
        }
    }

    /// When a channel's failed attempts are followed by another.
    public static func retryPolicy(for channel: Channel) -> RetryPolicy {
        switch channel {
        case .sms, .mms, .email: vendorPolicy
        case .webhook: webhookPolicy
        }
    }

    /// Twelve attempts over about a quarter of an hour, so that a vendor's short outage costs no message.
    private static let vendorPolicy = RetryPolicy(
        backoff: .exponential(base: .seconds(2), cap: .seconds(300)), maximumAttempts: 12)

    /// Ten attempts over three days and a bit. Source: Standard Webhooks 1.0.0, "Deliverability and reliability".
    private static let webhookPolicy = RetryPolicy(
        backoff: .schedule([
            .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600),
            .seconds(10 * 3600), .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
        ]),
        maximumAttempts: 10)
}
