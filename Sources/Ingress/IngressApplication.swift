public import Hummingbird
public import Logging

/// Wires the ingress: the routes of the HTTP API on its parts.
public enum IngressApplication {
    /// The server as a service: run it in a `ServiceGroup`. On a graceful shutdown it takes no further connection and
    /// finishes the requests that it has.
    ///
    /// - Parameter onServerRunning: called once it listens, with the port it got.
    public static func service(
        _ parts: IngressParts, settings: IngressSettings, logger: Logger,
        onServerRunning: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            router: router(parts, settings: settings, logger: logger),
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { channel in await onServerRunning(channel.localAddress?.port) },
            logger: logger)
    }

    /// The routes alone, for tests and for an application that has others beside them.
    public static func router(
        _ parts: IngressParts, settings: IngressSettings = IngressSettings(), logger: Logger
    ) -> Router<IngressContext> {
        let router = Router(context: IngressContext.self, options: .autoGenerateHeadEndpoints)
        let routes = Routes(router: router, gate: Gate())
        let (intake, log) = (parts.intake, parts.log)
        SendRoute(intake: intake, settings: settings, logger: logger).add(to: routes)
        MessageRoute(intake: intake, log: log, settings: settings, logger: logger).add(to: routes)
        LedgerRoutes(log: log, settings: settings, logger: logger).add(to: routes)
        SuppressionRoutes(suppressions: parts.suppressions, settings: settings, logger: logger).add(to: routes)
        let incoming = CallbackIntake(intake: intake, settings: settings, logger: logger)
        TwilioWebhooks(callbacks: incoming, settings: parts.callbacks).add(to: routes)
        SendGridWebhook(callbacks: incoming, settings: parts.callbacks).add(to: routes)
        VonageWebhooks(callbacks: incoming, settings: parts.callbacks).add(to: routes)
        HealthRoutes(intake: intake, settings: settings).add(to: routes)
        // Last: a middleware wraps only what is added after it, which here is the answer to what no route takes.
        router.add(middleware: UnmatchedRequests(routes: router.routes))
        return router
    }
}
