public import Logging
public import Redis
public import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Works off queues: reads jobs into free slots, runs their handlers, and settles what comes of them. Any number of
/// workers, in any number of processes, may work on the same queues.
///
/// On graceful shutdown it stops reading, lets what runs finish, hands back what does not, and leaves no trace.
public final class Worker: Service {
    /// The name of this worker in every group: `<host>-<pid>-<random>`, never used twice.
    public let consumer: String
    private let queues: [JobQueue]
    private let handlers: JobHandlers
    private let redis: RedisClient
    private let options: WorkerOptions
    private let version: String
    private let logger: Logger
    private let counters = WorkerCounters()

    /// - Parameters:
    ///   - redis: must be running, and be stopped after the worker.
    ///   - version: what the heartbeat shows.
    public init(
        queues: [JobQueue], handlers: JobHandlers, redis: RedisClient, options: WorkerOptions = WorkerOptions(),
        version: String = "", logger: Logger
    ) {
        consumer = "\(Self.host)-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        self.queues = queues
        self.handlers = handlers
        self.redis = redis
        self.options = options
        self.version = version
        var logger = logger
        logger[metadataKey: "consumer"] = "\(consumer)"
        self.logger = logger
    }

    /// What the worker has done so far.
    public var counts: WorkerCounts { counters.current }

    public func run() async {
        // A task of its own, which does not end with this one: a worker whose task is cancelled has no time to drain,
        // but still hands back what it holds.
        let stop = StopSignal()
        let work = Task { await self.work(until: stop) }
        do {
            try await gracefulShutdown()
            stop.send(.drain)
        } catch {
            stop.send(.now)
        }
        await work.value
    }

    private func work(until stop: StopSignal) async {
        let scopes = queues.map { queue in
            QueueScope(
                queue: queue, consumer: consumer, redis: redis, options: options,
                inFlight: InFlight(slots: options.slots(of: queue)), counters: counters, logger: logger)
        }
        let workers = scopes.map { QueueWorker(scope: $0, handlers: handlers) }
        let heartbeat = heartbeat(of: scopes)
        await withTaskGroup { services in
            services.addTask { await heartbeat.run() }
            await withDiscardingTaskGroup { group in
                for worker in workers { group.addTask { await worker.run(until: stop) } }
                await stop.wait()
                logger.info("Stopping: no more jobs are taken", metadata: ["running": "\(heartbeat.running())"])
                for worker in workers { group.addTask { await worker.stop() } }
            }
            services.cancelAll()
        }
        await heartbeat.end()
        logger.info("Stopped", metadata: ["done": "\(counts.done)", "failed": "\(counts.failed)"])
    }

    private func heartbeat(of scopes: [QueueScope]) -> Heartbeat {
        Heartbeat(
            consumer: consumer, host: Self.host, pid: getpid(), version: version, queues: queues,
            slots: scopes.reduce(0) { $0 + $1.inFlight.slots }, redis: redis, keys: options.keys, counters: counters,
            running: { scopes.reduce(0) { $0 + $1.inFlight.count } }, logger: logger)
    }

    private static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
}
