public import Hummingbird
public import Logging
public import NIOCore

/// Providers that behave and misbehave on demand: Twilio Messages, SendGrid mail/send and a receiver of signed
/// webhooks behind one HTTP port, for development, tests and benchmarks.
///
/// What arrives is kept and can be asked for under `/_simulator` or read as a page at `/`. How it answers is changed
/// by settings, by the control API (``FaultBook``), or by a directive in a message itself (``Directive``).
public final class Simulator: Sendable {
    /// What the providers received, newest last.
    public let received: ReceivedLog
    let settings: SimulatorSettings
    let faults: FaultBook

    public init(settings: SimulatorSettings = SimulatorSettings()) {
        self.settings = settings
        received = ReceivedLog(keepLast: settings.keepLast)
        faults = FaultBook(latency: settings.latency, rememberedMessages: settings.keepLast)
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
        Application(
            router: router(),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "posthaste-simulator", backlog: 1024),
            onServerRunning: onServerRunning,
            logger: logger)
    }

    func router() -> Router<SimulatorContext> {
        let router = Router(context: SimulatorContext.self)
        let exchange = Exchange(received: received, faults: faults)
        let secrets = WebhookSecrets(always: settings.webhookSecrets)
        TwilioRoutes(settings: settings, exchange: exchange).add(to: router)
        SendGridRoutes(settings: settings, exchange: exchange).add(to: router)
        WebhookRoutes(secrets: secrets, exchange: exchange).add(to: router)
        ControlRoutes(received: received, faults: faults, secrets: secrets).add(to: router)
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
