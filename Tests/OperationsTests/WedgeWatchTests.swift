import JobRuntime
import Logging
import Redis
import ServiceLifecycle
import TestSupport
import Testing

@testable import Operations

@Suite(.timeLimit(.minutes(2))) struct WedgeWatchTests {
    private struct Stone: Job {
        static let kind = "stone"
    }

    /// Cancelling helps nothing, and once they have all slots nothing else can run.
    @Test func handlersThatNeverReturnEndTheWorker() async throws {
        let redis = RedisClient(try await PrivateRedis.shared().configuration, logger: .quiet)
        let store = JobStore.redis(redis, keys: KeySpace(prefix: "wedge-\(UInt64.random(in: .min ... .max)):"))
        let waiting = Locked<[CheckedContinuation<Void, Never>]>([])
        var handlers = JobHandlers()
        handlers.register(Stone.self) { _, _ in
            await withCheckedContinuation { waiter in waiting.update { $0.append(waiter) } }
            return .succeeded(result: "{}")
        }
        var options = WorkerOptions()
        (options.slots, options.timeout, options.deadlineGrace) = (1, .milliseconds(50), .milliseconds(50))
        let queue = JobQueue("stones")
        let worker = Worker(queues: [queue], handlers: handlers, store: store, options: options, logger: .quiet)
        let hasEnded = Locked(false)
        let watch = WedgeWatch(
            worker, redis: redis, exitAfter: .seconds(1), logger: .quiet, end: { hasEnded.value = true })
        let client = JobClient(store: store)
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: watch, failureTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: redis), .init(service: client), .init(service: worker),
                ], logger: .quiet))
        await withTaskGroup { tasks in
            tasks.addTask {
                let error = await #expect(throws: WorkerIsStuck.self) { try await services.run() }
                #expect(
                    error?.description == "all 1 slots of stones are taken by attempts that were given up and go on")
            }
            tasks.addTask { for _ in 0..<2 { _ = try? await client.enqueue(NewJob(Stone(), queue: queue)) } }
        }
        #expect(watch.isOver && worker.facts.isStopping)
        for waiter in waiting.value { waiter.resume() }
        // The process was to be ended only if it had not ended by itself.
        #expect(!hasEnded.value)
    }
}
