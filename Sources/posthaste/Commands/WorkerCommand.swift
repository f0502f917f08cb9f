import ArgumentParser
import CoreMetrics
import Delivery
import JobRuntime
import Ledger
import Logging
import Messaging
import Operations
import Postgres
import Redis
import ServiceLifecycle

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Deliver messages from the queues.",
        discussion: """
            Start as many as you like, on as many machines. SIGTERM lets what is being sent finish, for DRAIN_SECONDS at \
            most; a second one does not. What a worker leaves behind when it is killed is taken over by another when its \
            lease (LEASE_MS) has run out.
            """)

    func run() async throws {
        Heap.bound()
        let settings = try await Settings.load()
        let logger = try settings.logger("posthaste.worker")
        logger.info("Starting message processor...")
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        let options = try settings.worker()
        // A connection for each message in flight: none waits for another's.
        let slots = Channel.allCases.map { options.slots(of: JobQueue($0.queueName)) }
        let http = OutboundHTTP(
            connectionsPerVendor: slots.reduce(0, +), connectionsPerEndpoint: slots.max() ?? options.slots)
        var mail: MailTransport?
        do {
            let delivery = try settings.delivery(http) { settings in
                let transport = MailTransport(settings)
                mail = transport
                return transport
            }
            try await work(settings, options, delivery, metrics, logger: logger)
        } catch {
            await mail?.shutdown()
            try? await http.shutdown()
            throw error
        }
        await mail?.shutdown()
        try await http.shutdown()
    }

    private func work(
        _ settings: Settings, _ options: WorkerOptions, _ delivery: DeliveryHandlers, _ metrics: PrometheusRegistry,
        logger: Logger
    ) async throws {
        guard !delivery.channels.isEmpty else {
            throw SettingError(
                variable: "TWILIO_ACCOUNT_SID, VONAGE_API_KEY, SENDGRID_API_KEY, SMTP_URL, WEBHOOK_SECRET",
                expected: "at least one provider, or there is nothing to deliver with")
        }
        for channel in Channel.allCases where !delivery.channels.contains(channel) {
            logger.warning("No provider for this channel: its queue is not read", metadata: ["channel": "\(channel)"])
        }
        let traces = try settings.traces("posthaste-worker", logger)
        let redis = RedisClient(settings.redis.named("posthaste-worker"), logger: logger)
        let store = try settings.store(redis)
        var handlers = JobHandlers()
        delivery.register(
            in: &handlers,
            services: DispatchServices(
                state: DeliveryState(redis: redis, keys: settings.keys, keepsEvents: try settings.keepsLedger),
                jobs: JobClient(store: store), logger: logger))
        let worker = Worker(
            queues: delivery.queues, handlers: handlers,
            middleware: [AttemptMetrics()] + (traces == nil ? [] : [AttemptTracing()]), store: store, options: options,
            version: Posthaste.version, logger: logger)
        logger.info(
            "Message processor started successfully",
            metadata: [
                "consumer": "\(worker.consumer)",
                "channels": "\(delivery.channels.map(\.rawValue).joined(separator: ","))",
            ])
        let watch = WedgeWatch(worker, redis: redis, exitAfter: try settings.wedgeExit(), logger: logger)
        // Shut down from the last to the first: what the worker's last settlements tell is still projected.
        let services: [any Service] =
            (traces.map { [$0] } ?? []) + [redis] + (try settings.statusServer(worker, watch, redis, metrics, logger))
            + [settings.serverCheck(redis, logger), try settings.layoutCheck(redis, logger)]
            + (try ledger(settings, redis, store, worker, logger)) + (try settings.outbox(store, logger))
            + (try settings.housekeeping(logger)) + [worker]
        do {
            try await worker.run(in: ServiceGroup(configuration: Self.group(services, watch, logger)))
        } catch  where watch.isOver {
            throw ExitCode(WedgeWatch.exitCode)
        }
    }

    /// A worker that is stuck is shut down in good order, as far as that is possible.
    private static func group(
        _ services: [any Service], _ watch: WedgeWatch, _ logger: Logger
    ) -> ServiceGroupConfiguration {
        typealias Configuration = ServiceGroupConfiguration.ServiceConfiguration
        let watching = Configuration(service: watch, failureTerminationBehavior: .gracefullyShutdownGroup)
        return ServiceGroupConfiguration(
            services: [watching] + services.map { Configuration(service: $0) }, logger: logger)
    }

    /// The worker's part in keeping the ledger; nothing where none is kept.
    private func ledger(
        _ settings: Settings, _ redis: RedisClient, _ store: JobStore, _ worker: Worker, _ logger: Logger
    ) throws -> [any Service] {
        guard let configuration = try settings.postgres() else { return [] }
        let postgres = PostgresClient(configuration, logger: logger)
        // The worker's name: its heartbeat says whether the projector lives, too.
        let events = EventGroup(redis: redis, keys: settings.keys, consumer: worker.consumer, logger: logger)
        let projector = LedgerProjector(events: events, postgres: postgres, logger: logger)
        guard let interval = try settings.auditInterval() else { return [postgres, projector] }
        let patient = PostgresClient(Auditor.configuration(from: configuration), connections: 1, logger: logger)
        let auditor = settings.auditor(patient, redis, store, keepsEvents: true, logger)
        let audits = AuditService(auditor, postgres: patient, every: interval, logger: logger)
        return [postgres, patient, audits, projector]
    }
}
