public import Hummingbird
public import Logging

/// Wires the ingress: the routes of the HTTP API on an intake.
public enum IngressApplication {
    /// The server as a service: run it in a `ServiceGroup`. On a graceful shutdown it takes no further connection and
    /// finishes the requests that it has.
    ///
    /// - Parameters:
    ///   - log: nil: no ledger is kept, and there are no lists.
    ///   - onServerRunning: called once it listens, with the port it got.
    public static func service(
        intake: any MessageIntake, suppressions: any SuppressionStore, log: (any MessageLog)? = nil,
        callbacks: CallbackSettings, settings: IngressSettings, logger: Logger,
        onServerRunning: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            router: router(
                intake: intake, suppressions: suppressions, log: log, callbacks: callbacks, settings: settings,
                logger: logger),
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { channel in await onServerRunning(channel.localAddress?.port) },
            logger: logger)
    }

    /// The routes alone, for tests and for an application that has others beside them.
    public static func router(
        intake: any MessageIntake, suppressions: any SuppressionStore, log: (any MessageLog)? = nil,
        callbacks: CallbackSettings = CallbackSettings(), settings: IngressSettings = IngressSettings(), logger: Logger
    ) -> Router<IngressContext> {
        let router = Router(context: IngressContext.self, options: .autoGenerateHeadEndpoints)
        SendRoute(intake: intake, settings: settings, logger: logger).add(to: router)
        MessageRoute(intake: intake, log: log, settings: settings, logger: logger).add(to: router)
        LedgerRoutes(log: log, settings: settings, logger: logger).add(to: router)
        SuppressionRoutes(suppressions: suppressions, settings: settings, logger: logger).add(to: router)
        let incoming = CallbackIntake(intake: intake, settings: settings, logger: logger)
        TwilioWebhooks(callbacks: incoming, settings: callbacks).add(to: router)
        SendGridWebhook(callbacks: incoming, settings: callbacks).add(to: router)
        VonageWebhooks(callbacks: incoming, settings: callbacks).add(to: router)
        HealthRoutes(intake: intake, settings: settings).add(to: router)
        // Last: a middleware wraps only what is added after it, which here is the answer to what no route takes.
        router.add(middleware: UnmatchedRequests(routes: router.routes))
        return router
    }
}
