import ArgumentParser
import CoreMetrics
import Delivery
import Hummingbird
import Ingress
import JobRuntime
import Ledger
import Operations
import Postgres
import Redis
import ServiceLifecycle
import UnixSignals

struct IngressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingress", abstract: "Take messages over HTTP and put them into the queues.")

    func run() async throws {
        Heap.bound()
        let settings = try await Settings.load()
        let logger = try settings.logger("posthaste.ingress")
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        let traces = try settings.traces("posthaste-ingress", logger)
        let redis = RedisClient(settings.redis.named("posthaste-ingress"), logger: logger)
        let limits = try settings.limits()
        let outcomes = OutcomeWatch(redis: redis, keys: settings.keys, logger: logger)
        let ledger = try settings.acceptances(logger)
        let store = try settings.store(redis)
        let client = JobClient(store: store, journal: ledger?.journal) { _ in limits }
        let suppressions = SuppressionList(
            DeliveryState(redis: redis, keys: settings.keys, keepsEvents: try settings.keepsLedger))
        let postgres = try settings.postgres().map { configuration in
            var configuration = configuration
            // Nobody waits longer for a page.
            configuration.statementTimeout = .seconds(10)
            configuration.poolTimeout = .seconds(2)
            return PostgresClient(configuration, logger: logger)
        }
        let server = try settings.ingress()
        let access = try settings.access(host: server.host, redis, logger)
        var parts = IngressParts(
            intake: client, suppressions: suppressions, log: postgres.map { LedgerReader(postgres: $0) },
            callbacks: try settings.callbacks(), outcomes: outcomes, deadLetters: store.deadLetters)
        parts.access = access.rules
        parts.tracer = traces?.tracer
        let metrics = settings.metricsPage(registry, redis)
        parts.metrics = { await metrics.text() }
        let application = IngressApplication.service(parts, settings: server, logger: logger)
        let checks: [any Service] = [settings.serverCheck(redis, logger), try settings.layoutCheck(redis, logger)]
        let database: [any Service] = postgres.map { [$0] } ?? []
        // Shut down from the last to the first: who waits for an outcome is answered, requests in flight still find the
        // queue, and the queue Redis.
        try await ServiceGroup(
            services: (traces.map { [$0] } ?? []) + [redis] + checks + database + (ledger?.services ?? [])
                + access.services + [
                    client, application, outcomes,
                ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
