import Foundation
import JobRuntime
import Logging
import Redis
import ServiceLifecycle
import UnixSignals

/// The work, as a value: it is written to Redis as JSON.
struct Thumbnail: Job {
    /// Names this kind of job in Redis, so it stays as it is when the type is renamed.
    static let kind = "thumbnail"

    let image: String
    let width: Int
}

let logger = Logger(label: "thumbnails")
let address = ProcessInfo.processInfo.environment["REDIS_URL"] ?? "redis://127.0.0.1:6379"
let redis = RedisClient(try RedisConfiguration(url: address), logger: logger)
let store = JobStore.redis(redis)
let queue = JobQueue("thumbnails")

// The worker's side: what is done for a job. A thrown error is a failed attempt, and another follows.
var handlers = JobHandlers()
handlers.register(Thumbnail.self, policy: .standard, timeout: .seconds(60)) { job, attempt in
    attempt.logger.info("Scaling \(job.image)")
    return .succeeded(result: #"{"file":"\#(job.width)-\#(job.image)"}"#)
}
let worker = Worker(queues: [queue], handlers: handlers, store: store, logger: logger)

// The producer's side, usually in another process.
let client = JobClient(store: store)

// Stopped from the last to the first: Redis goes when nobody needs it any more.
let services = ServiceGroup(
    services: [redis, client, worker], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
let running = Task { try await services.run() }

// Returns when Redis has the job. From here on it is not lost.
let receipt = try await client.enqueue(NewJob(Thumbnail(image: "cat.png", width: 200), queue: queue))

while try await client.record(of: receipt.id)?.state.isSuccess != true {
    try await Task.sleep(for: .milliseconds(50))
}
if case .succeeded(let result) = try await client.record(of: receipt.id)?.state { print("Done:", result ?? "") }

await services.triggerGracefulShutdown()
try await running.value
