import ArgumentParser
import Delivery
import Hummingbird
import Ingress
import JobRuntime
import Redis
import ServiceLifecycle
import UnixSignals

struct IngressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingress", abstract: "Take messages over HTTP and put them into the queues.")

    func run() async throws {
        let settings = try await Settings.load()
        let logger = try settings.logger("posthaste.ingress")
        let redis = RedisClient(settings.redis.named("posthaste-ingress"), logger: logger)
        let limits = try settings.limits()
        let client = JobClient(store: try settings.store(redis)) { _ in limits }
        let suppressions = SuppressionList(
            DeliveryState(redis: redis, keys: settings.keys, keepsEvents: try settings.keepsLedger))
        let server = IngressApplication.service(
            intake: client, suppressions: suppressions, callbacks: try settings.callbacks(),
            settings: try settings.ingress(), logger: logger)
        // Shut down from the last to the first: requests in flight still find the queue, and the queue Redis.
        try await ServiceGroup(
            services: [
                redis, settings.serverCheck(redis, logger), try settings.layoutCheck(redis, logger), client, server,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
