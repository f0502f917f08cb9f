public import Hummingbird
import HummingbirdCore
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
        let log = settings.logsAccess ? AccessLog(logger: logger) : nil
        let door = door(parts, settings, log, logger)
        var limits = settings.connections
        let room = FileLimit.raise(for: limits.maximum)
        if room < limits.maximum {
            logger.warning(
                "fewer connections than MAX_CONNECTIONS: raise the hard limit of open files (ulimit -Hn)",
                metadata: ["connections": "\(room)"])
            limits.maximum = room
        }
        let watches = ConnectionWatches(limits)
        return Application(
            router: router(parts, settings: settings, door: door, logger: logger),
            server: HTTPServerBuilder { WatchedChannel($0, watches: watches, door: door) },
            // The backlog is of those that the kernel has taken and this process not yet.
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024),
            // Stopped after the server, so that the last requests are in it.
            services: log.map { [$0] } ?? [],
            onServerRunning: { channel in await onServerRunning(channel.localAddress?.port) },
            logger: logger)
    }

    /// The routes alone, for tests.
    static func router(
        _ parts: IngressParts, settings: IngressSettings = IngressSettings(), log: AccessLog? = nil, logger: Logger
    ) -> Router<IngressContext> {
        router(parts, settings: settings, door: door(parts, settings, log, logger), logger: logger)
    }

    private static func door(
        _ parts: IngressParts, _ settings: IngressSettings, _ log: AccessLog?, _ logger: Logger
    ) -> Door {
        let isSecure = parts.callbacks.publicURL?.lowercased().hasPrefix("https:") ?? false
        return Door(settings, isSecure: isSecure, log: log, tracer: parts.tracer, logger: logger)
    }

    private static func router(
        _ parts: IngressParts, settings: IngressSettings, door: Door, logger: Logger
    ) -> Router<IngressContext> {
        let router = Router(context: IngressContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: door)
        let routes = Routes(router: router, gate: Gate(rules: parts.access))
        let (intake, log) = (parts.intake, parts.log)
        let acceptance = Acceptance(intake: intake, settings: settings, logger: logger)
        SendRoute(acceptance: acceptance, outcomes: parts.outcomes, settings: settings).add(to: routes)
        BatchRoute(acceptance: acceptance, settings: settings).add(to: routes)
        let finder = MessageFinder(intake: intake, log: log, settings: settings, logger: logger)
        MessageRoutes(finder: finder, intake: intake).add(to: routes)
        LedgerRoutes(log: log, settings: settings, logger: logger).add(to: routes)
        SuppressionRoutes(suppressions: parts.suppressions, settings: settings, logger: logger).add(to: routes)
        if let letters = parts.deadLetters {
            DeadLetterRoutes(letters: letters, settings: settings, logger: logger).add(to: routes)
        }
        let incoming = CallbackIntake(intake: intake, settings: settings, logger: logger)
        TwilioWebhooks(callbacks: incoming, settings: parts.callbacks).add(to: routes)
        SendGridWebhook(callbacks: incoming, settings: parts.callbacks).add(to: routes)
        VonageWebhooks(callbacks: incoming, settings: parts.callbacks).add(to: routes)
        HealthRoutes(intake: intake, settings: settings).add(to: routes)
        if let metrics = parts.metrics { MetricsRoute(text: metrics).add(to: routes) }
        // Last: a middleware wraps only what is added after it, which here is the answer to what no route takes.
        router.add(middleware: UnmatchedRequests(routes: router.routes))
        return router
    }
}
