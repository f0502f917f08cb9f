public import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore

/// Providers that behave and misbehave on demand: Twilio Messages, Vonage's SMS API, SendGrid mail/send and a receiver of
/// signed webhooks behind one HTTP port, for development, tests and benchmarks. They tell what becomes of a message by
/// the callbacks of the real ones.
///
/// What arrives is kept and can be asked for under `/_simulator` or read as a page at `/`. How it answers is changed
/// by settings, by the control API (``FaultBook``), or by a directive in a message itself (``Directive``).
public final class Simulator: Sendable {
    /// What the providers received, newest last.
    public let received: ReceivedLog
    let settings: SimulatorSettings
    let faults: FaultBook
    let door = Door()

    public init(settings: SimulatorSettings = SimulatorSettings()) {
        self.settings = settings
        received = ReceivedLog(keepLast: settings.keepLast)
        faults = FaultBook(latency: settings.latency, rememberedMessages: settings.keepLast)
    }

    /// Sets a fault for requests in general, as the control API does.
    ///
    /// - Parameters:
    ///   - fault: in a directive's syntax.
    ///   - provider: nil for all.
    /// - Throws: what cannot be read, in words.
    public func add(fault: String, to provider: Provider? = nil) throws {
        _ = try faults.add(FaultRule(provider: provider, fault: fault))
    }

    /// The simulator as a service of its own.
    ///
    /// - Parameters:
    ///   - port: TCP port to listen on; 0 takes a free one, which `onServerRunning` learns from its channel.
    ///   - onServerRunning: called once the port is open.
    public func application(
        host: String = "127.0.0.1",
        port: Int = 9900,
        logger: Logger = Logger(label: "posthaste.simulator"),
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let callbacks = CallbackService(settings.callbacks)
        let door = door
        return Application(
            router: router(callbacks),
            server: .http1(configuration: HTTP1Channel.Configuration(additionalChannelHandlers: [Doorkeeper(door)])),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "posthaste-simulator", backlog: 1024),
            services: [callbacks],
            onServerRunning: onServerRunning,
            logger: logger)
    }

    private func router(_ callbacks: CallbackService) -> Router<SimulatorContext> {
        let router = Router(context: SimulatorContext.self)
        let exchange = Exchange(received: received, faults: faults, callbacks: callbacks)
        let signer = TwilioSigner(tokens: settings.twilioTokens, standard: settings.twilioAuthToken)
        let optOuts = OptOuts()
        TwilioRoutes(settings: settings, exchange: exchange, signer: signer, optOuts: optOuts).add(to: router)
        TwilioInboundRoutes(signer: signer, optOuts: optOuts, callbacks: callbacks).add(to: router)
        let receipts = VonageReceipts(callbacks: callbacks, deliversAfter: settings.deliversAfter)
        VonageRoutes(exchange: exchange, secrets: settings.vonageSecrets, receipts: receipts).add(to: router)
        let events = SendGridEvents(settings: settings, callbacks: callbacks)
        SendGridRoutes(settings: settings, exchange: exchange, events: events).add(to: router)
        SendGridEventRoutes(events: events).add(to: router)
        let secrets = WebhookSecrets(always: settings.webhookSecrets)
        WebhookRoutes(secrets: secrets, exchange: exchange).add(to: router)
        ControlRoutes(received: received, faults: faults, secrets: secrets).add(to: router)
        ScriptRoutes(faults: faults).add(to: router)
        AccountRoutes(settings: settings).add(to: router)
        DoorRoutes(door: door).add(to: router)
        CallbackRoutes(callbacks: callbacks).add(to: router)
        PageRoutes(received: received).add(to: router)
        return router
    }
}

/// A request's context with its connection, so that a fault can close it.
struct SimulatorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
