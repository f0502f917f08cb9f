public import Logging
import Metrics
public import ServiceLifecycle
import Synchronization

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
    private let middleware: [any JobMiddleware]
    private let recurring: [RecurringJob]
    private let store: any Storage
    private let options: WorkerOptions
    private let version: String
    private let logger: Logger
    private let counters = WorkerCounters()
    private let stop = StopSignal()
    /// Empty before it has begun.
    private let scopes = Mutex<[QueueScope]>([])

    /// - Parameters:
    ///   - middleware: what wraps around every attempt, the outermost first.
    ///   - recurring: jobs that are enqueued again and again; each tick once, by whichever worker comes first.
    ///   - version: what the heartbeat shows.
    public init(
        queues: [JobQueue], handlers: JobHandlers, middleware: [any JobMiddleware] = [],
        recurring: [RecurringJob] = [], store: JobStore, options: WorkerOptions = WorkerOptions(),
        version: String = "", logger: Logger
    ) {
        options.check(queues)
        consumer = "\(Self.host)-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        self.queues = queues
        self.handlers = handlers
        self.middleware = middleware
        self.recurring = recurring
        self.store = store.storage
        self.options = options
        self.version = version
        var logger = logger
        logger[metadataKey: "consumer"] = "\(consumer)"
        self.logger = logger
    }

    /// What the worker has done so far.
    public var counts: WorkerCounts { counters.current }

    /// What it has seen, for ``WorkerHealth``. It looks at all that is in flight: not for every job.
    public var facts: WorkerFacts {
        WorkerFacts(
            queues: scopes.withLock { $0 }.map { scope in
                scope.facts { self.handlers[$0.kind]?.timeout ?? self.options.timeout }
            }, isStopping: stop.isSent)
    }

    /// Lets nothing more finish by itself: what runs is cancelled and handed back, at once. For a second signal.
    public func skipDrain() { stop.send(.now) }

    public func run() async {
        // A task of its own, which does not end with this one: a worker whose task is cancelled has no time to drain,
        // but still hands back what it holds.
        let work = Task { await self.work() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await work.value
            } onGracefulShutdown: {
                self.stop.send(.drain)
            }
        } onCancel: {
            self.stop.send(.now)
        }
    }

    private func work() async {
        store.hold()
        defer { store.release() }
        let storeClock = StoreClock(options.clock)
        let scopes = queues.map { queue in
            QueueScope(
                queue: queue, consumer: consumer, store: store, options: options,
                inFlight: InFlight(slots: options.slots(of: queue), clock: options.clock), counters: counters,
                metrics: QueueMetrics(queue: queue.name, factory: options.metrics ?? MetricsSystem.factory),
                storeClock: storeClock, activity: QueueActivity(options.clock), logger: logger)
        }
        self.scopes.withLock { $0 = scopes }
        let heartbeat = heartbeat(of: scopes, storeClock)
        let known = StopSignal()
        await withTaskGroup { services in
            services.addTask { await heartbeat.run { known.send(.drain) } }
            // Nothing is read before the store has heard of the worker: a consumer without a heartbeat is taken for one
            // that a dead worker left.
            await withTaskGroup { start in
                start.addTask { await known.wait() }
                start.addTask { await self.stop.wait() }
                await start.next()
                start.cancelAll()
            }
            for job in recurring {
                services.addTask {
                    await RecurringService(
                        job: job, store: self.store, clock: self.options.clock, logger: self.logger
                    ).run()
                }
            }
            await work(scopes.map { QueueWorker(scope: $0, handlers: handlers, middleware: middleware) }, heartbeat)
            services.cancelAll()
        }
        await heartbeat.end()
        logger.info("Stopped", metadata: ["done": "\(counts.done)", "failed": "\(counts.failed)"])
    }

    private func work(_ workers: [QueueWorker], _ heartbeat: Heartbeat) async {
        await withDiscardingTaskGroup { group in
            for worker in workers { group.addTask { await worker.run(until: self.stop) } }
            await stop.wait()
            logger.info("Stopping: no more jobs are taken", metadata: ["running": "\(heartbeat.running)"])
            for worker in workers { group.addTask { await worker.stop() } }
        }
    }

    private func heartbeat(of scopes: [QueueScope], _ storeClock: StoreClock) -> Heartbeat {
        Heartbeat(
            consumer: consumer, host: Self.host, pid: getpid(), version: version, kinds: handlers.kinds, scopes: scopes,
            store: store, counters: counters, storeClock: storeClock, clock: options.clock, logger: logger)
    }

    private static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
}
