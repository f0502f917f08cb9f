import Delivery
import JobRuntime
import Messaging
import Operations
import Redis

extension Settings {
    /// The page for Prometheus: what this process has counted, and the state of the queues.
    func metricsPage(_ registry: PrometheusRegistry, _ redis: RedisClient) -> MetricsPage {
        MetricsPage(
            registry: registry, inspector: QueueInspector(redis: redis, keys: keys),
            queues: Channel.allCases.map(\.queueName) + [ProviderCallback.queueName], version: Posthaste.version)
    }
}
