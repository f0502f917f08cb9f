import ArgumentParser
import JobRuntime
import Logging
import Redis
import ServiceLifecycle
import UnixSignals

/// A worker for the chaos runs: jobs say themselves what becomes of them, and a journal tells what did.
@main
struct ChaosWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos-worker", abstract: "Run the jobs of a chaos run, and write down each run of each.")

    @Argument(help: "redis:// address") var redis: String
    @Argument(help: "file that the journal is appended to") var journal: String
    @Option(help: "milliseconds an entry may stay without a sign of life") var lease = 1500
    @Option(help: "milliseconds that jobs may take to finish on SIGTERM") var drain = 1000
    @Option(help: "jobs of a queue that run at a time") var slots = 30

    func run() async throws {
        var logger = Logger(label: "chaos-worker")
        logger.logLevel = .info
        var configuration = try RedisConfiguration(url: redis)
        (configuration.commandTimeout, configuration.connectTimeout) = (.seconds(1), .seconds(1))
        configuration.blockingGrace = .seconds(1)
        let client = RedisClient(configuration, logger: logger)
        let journal = try Journal(path: journal)
        let worker = Worker(
            queues: Chaos.queues, handlers: handlers, middleware: [Journaling(journal: journal)],
            store: .redis(client, options: Chaos.storeOptions), options: options, logger: logger)
        let services = ServiceGroup(services: [client, worker], logger: logger)
        let signals = await UnixSignalsSequence(trapping: .sigterm)
        // From here on it may be told to stop.
        journal.write(.worker(consumer: worker.consumer))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await services.run() }
            tasks.addTask { await stop(worker, of: services, on: signals) }
            tasks.addTask { await tick(worker, journal) }
            try await tasks.next()
            tasks.cancelAll()
        }
        journal.write(.counts(at: .current, WorkerTally(worker.counts)))
        journal.write(.left(at: .current))
    }

    private var handlers: JobHandlers {
        var handlers = JobHandlers()
        handlers.register(ChaosJob.self, policy: ChaosJob.policy) { job, attempt in
            try await ChaosHandler.run(job.steps, number: job.number, attempt: attempt)
        }
        handlers.register(LateJob.self, policy: LateJob.policy, timeout: LateJob.deadline) { job, attempt in
            try await ChaosHandler.run(job.steps, number: job.number, attempt: attempt)
        }
        return handlers
    }

    private var options: WorkerOptions {
        var options = WorkerOptions()
        options.slots = slots
        options.lease = .milliseconds(lease)
        options.drain = .milliseconds(drain)
        options.deadlineGrace = LateJob.grace
        options.sweepInterval = .seconds(1)
        return options
    }

    /// The first SIGTERM lets what runs finish; the second does not.
    private func stop(_ worker: Worker, of services: ServiceGroup, on signals: UnixSignalsSequence) async {
        var isFirst = true
        for await _ in signals {
            if isFirst { await services.triggerGracefulShutdown() } else { worker.skipDrain() }
            isFirst = false
        }
    }

    /// Writes the counts down each second, so that a kill leaves most of them; and each time that the process stood
    /// still for so long that a lease may have run out.
    private func tick(_ worker: Worker, _ journal: Journal) async {
        var last = Instant.current
        var counted = last
        while (try? await Task.sleep(for: .milliseconds(50))) != nil {  // allowed: the interval of its signs of life
            let now = Instant.current
            if now - last > Instant(lease) * 1000 / 3 { journal.write(.hiccup(from: last, to: now)) }
            last = now
            if now - counted > 1_000_000 {
                journal.write(.counts(at: now, WorkerTally(worker.counts)))
                counted = now
            }
        }
    }
}
