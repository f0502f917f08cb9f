import JobRuntime
import JobTesting
import Logging
import Redis
import TestSupport
import Testing

/// The code of `Operating.md`.
@Suite(.timeLimit(.minutes(5))) struct OperatingSnippets {
    private let charge = Charge(order: "7", cents: 1200)

    @Test func lanesGoInTheirOrder() async throws {
        let orders = Locked<[String]>([])
        let handlers = JobHandlers.charges { job, _ in
            orders.update { $0.append(job.order) }
            return .succeeded()
        }
        let runtime = TestRuntime(queues: [billing], handlers: handlers)
        try await runtime.enqueue(NewJob(charge, queue: billing))
        let urgent = try NewJob(Charge(order: "8", cents: 500), queue: billing, lane: .high)
        try await runtime.enqueue(urgent)
        await runtime.runUntilIdle()
        #expect(orders.value == ["8", "7"])
    }

    @Test func aWorkerWithOptions() {
        let (store, logger, handlers) = (JobStore.inMemory(), Logger.quiet, JobHandlers())
        let invoices = JobQueue("invoices")

        var options = WorkerOptions()
        options.slots = 50
        options.slotsByQueue = ["invoices": 2]
        options.lease = .seconds(30)
        options.drain = .seconds(25)
        options.deadRetention = .seconds(30 * 86_400)
        let worker = Worker(
            queues: [billing, invoices], handlers: handlers,
            middleware: [AttemptTracing(), AttemptMetrics()], store: store, options: options,
            version: "1.4.0", logger: logger)

        #expect([billing, invoices].map(options.slots) == [50, 2])
        #expect(worker.counts.done == 0)
    }

    @Test func aPausedQueue() async throws {
        let runtime = TestRuntime(queues: [billing], handlers: .charges { _, _ in .succeeded() })
        let store = runtime.store
        try await runtime.enqueue(NewJob(charge, queue: billing))

        try await store.pause("billing")
        print(try await store.pausedQueues())

        #expect(await runtime.runUntilIdle() == 0)

        try await store.resume("billing")

        #expect(await runtime.runUntilIdle() == 1)
    }

    @Test func aQueueThatIsFull() async throws {
        let runtime = TestRuntime(queues: [billing], handlers: JobHandlers())
        let store = runtime.store

        let client = JobClient(store: store) { queue in
            QueueLimits(maximumDepth: queue == billing ? 1000 : 100_000, memory: .share(0.8))
        }

        async let _ = client.run()
        let jobs = try (0..<1000).map { _ in try NewJob(charge, queue: billing) }
        for result in await client.enqueue(jobs) { _ = try result.get() }
        await #expect(throws: EnqueueError.full("the queue holds 1000 jobs, its limit")) {
            try await client.enqueue(NewJob(charge, queue: billing))
        }
    }

    @Test func whatAnOperatorSees() async throws {
        try await withClient(PrivateRedis.shared().configuration) { redis in
            let keys = freshKeys()
            let store = JobStore.redis(redis, keys: keys)
            let job = try NewJob(charge, queue: billing)
            _ = try await JobClient(store: store).enqueue([job])[0].get()
            let id = job.id

            let inspector = QueueInspector(redis: redis, keys: keys)
            for queue in try await inspector.queues() {
                print(queue.queue, queue.depth, queue.pending, queue.retrying, queue.scheduled, queue.dead)
            }
            for worker in try await inspector.workers() {
                print(worker.consumer, worker.isAlive, worker.running, worker.slots)
            }
            print(try await inspector.explain(id).summary)

            let explanation = try await inspector.explain(id)
            #expect(explanation.state == .waiting)
            #expect(explanation.obstacles == [.noWorker])
        }
    }
}
