import AsyncHTTPClient
import Delivery
import Foundation
import JobRuntime
import Logging
import Redis
import ServiceLifecycle

// A worker that delivers text messages through a provider of one's own. It takes the place of `posthaste worker` for
// that channel: what `posthaste ingress` takes in, it sends.
let environment = ProcessInfo.processInfo.environment
let logger = Logger(label: "own-provider")
let redis = RedisClient(
    try RedisConfiguration(url: environment["REDIS_URL"] ?? "redis://127.0.0.1:6379"), logger: logger)
// As for all who share the queues: LayoutCheck ends a process that would leave holes in the ledger.
var options = RedisStoreOptions()
options.keepsEvents = environment["LEDGER_ENABLED"] == "true"
let layout = LayoutCheck(redis: redis, keepsLedger: options.keepsEvents, logger: logger)
let store = JobStore.redis(redis, options: options)

// Where a redirect leads nobody has agreed to; and a message does not wait in the client for a connection.
var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
configuration.connectionPool.retryConnectionEstablishment = false
configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = WorkerOptions().slots

try await HTTPClient.withHTTPClient(configuration: configuration) { http in
    let provider = GatewayProvider(
        http: http, url: environment["GATEWAY_URL"] ?? "http://127.0.0.1:9900/webhooks/gateway",
        token: environment["GATEWAY_TOKEN"] ?? "")
    var delivery = DeliveryHandlers()
    // In the order in which they are tried. A sender may send ten segments a second here.
    delivery.sms = [Route(provider, rates: try SenderRates(parsing: "*=10"))]
    var handlers = JobHandlers()
    delivery.register(
        in: &handlers,
        services: DispatchServices(
            state: DeliveryState(redis: redis, keys: KeySpace(), keepsEvents: options.keepsEvents),
            jobs: JobClient(store: store), logger: logger))
    let worker = Worker(queues: delivery.queues, handlers: handlers, store: store, logger: logger)
    try await worker.run(in: ServiceGroup(services: [redis, layout, worker], logger: logger))
}
