public import JobRuntime
public import Messaging

/// The handlers of a worker's four channels, as far as they have providers.
///
/// A channel without a provider has no handler: the worker then leaves its queue alone, and the messages wait.
public struct DeliveryHandlers: Sendable {
    /// In the order in which they are tried.
    public var sms: [Route<SMS>] = []
    public var mms: [Route<MMS>] = []
    public var email: [Route<Email>] = []
    public var webhook: [Route<Webhook>] = []
    /// As in ``CallbackHandler/init(state:jobs:inboundURL:tenants:)``, and `inboundTenants` as its `tenants`.
    public var inboundURL: String?
    public var inboundTenants: [String: String] = [:]

    public init() {}

    /// The channels that have a provider, in the order of ``Channel``.
    public var channels: [Channel] {
        Channel.allCases.filter { channel in
            switch channel {
            case .sms: !sms.isEmpty
            case .mms: !mms.isEmpty
            case .email: !email.isEmpty
            case .webhook: !webhook.isEmpty
            }
        }
    }

    /// The queues that a worker with these handlers reads.
    public var queues: [JobQueue] { channels.map { JobQueue($0.queueName) } + [JobQueue(ProviderCallback.queueName)] }

    /// Registers a dispatcher for each channel that has a provider, and the handler of vendors' callbacks.
    public func register(in handlers: inout JobHandlers, services: DispatchServices) {
        handlers.register(
            CallbackHandler(
                state: services.state, jobs: services.jobs, inboundURL: inboundURL, tenants: inboundTenants),
            policy: CallbackHandler.policy)
        register(sms, in: &handlers, services)
        register(mms, in: &handlers, services)
        register(email, in: &handlers, services)
        register(webhook, in: &handlers, services)
    }

    private func register<Message: MessagePayload>(
        _ routes: [Route<Message>], in handlers: inout JobHandlers, _ services: DispatchServices
    ) {
        guard !routes.isEmpty else { return }
        handlers.register(
            Dispatcher(routes, services: services), policy: Self.retryPolicy(for: Message.channel))
    }

    /// When a channel's failed attempts are followed by another.
    public static func retryPolicy(for channel: Channel) -> RetryPolicy {
        switch channel {
        case .sms, .mms, .email: vendorPolicy
        case .webhook: webhookPolicy
        }
    }

    /// Twelve attempts over about a quarter of an hour, so that a vendor's short outage costs no message; and a week of
    /// waiting for what takes no attempts: a person, an open breaker, a throttle.
    private static let vendorPolicy = RetryPolicy(
        backoff: .exponential(base: .seconds(2), cap: .seconds(300)), maximumAttempts: 12,
        maximumAge: .seconds(7 * 86_400))

    /// Ten attempts over three days and a bit. Source: Standard Webhooks 1.0.0, "Deliverability and reliability".
    private static let webhookPolicy = RetryPolicy(
        backoff: .schedule([
            .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600),
            .seconds(10 * 3600), .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
        ]),
        maximumAttempts: 10, maximumAge: .seconds(7 * 86_400))
}
