public import JobRuntime
public import Logging
import NIOCore
import NIOPosix
public import Redis
public import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Looks after a worker: every second it judges what the worker has seen (``WorkerHealth``), and ends a process that has
/// been stuck for too long, so that a supervisor starts it anew.
///
/// It looks from a thread of its own, since what is stuck may be the threads that all tasks run on.
public final class WedgeWatch: Service {
    private struct State {
        var health = WorkerHealth()
        var verdict = WorkerHealth.Verdict()
        var storeAnswered: Duration?
        var isOver = false
    }

    private let worker: Worker
    private let redis: RedisClient
    private let exitAfter: Duration?
    private let logger: Logger
    private let end: @Sendable () -> Void
    private let clock = SystemClock()
    private let state = Mutex(State())

    /// What a supervisor is told: EX_SOFTWARE (sysexits.h).
    public static let exitCode: Int32 = 70
    /// How long the process may take to hand back what it holds before it is ended whatever it does.
    public static let lastWords: Duration = .seconds(15)
    private static let interval: Duration = .seconds(1)

    /// - Parameters:
    ///   - redis: where the worker's jobs are; connections of its own show whether it answers.
    ///   - exitAfter: how long the worker may be stuck; nil: for ever.
    ///   - end: ends the process, at once.
    public init(
        _ worker: Worker, redis: RedisClient, exitAfter: Duration?, logger: Logger,
        end: @escaping @Sendable () -> Void = WedgeWatch.endProcess
    ) {
        self.worker = worker
        self.redis = redis
        self.exitAfter = exitAfter
        self.logger = logger
        self.end = end
    }

    /// Nothing that is to be done at an exit is waited for: it may be what is stuck.
    @Sendable public static func endProcess() { _exit(exitCode) }

    /// How the worker did when it was last looked at.
    public var verdict: WorkerHealth.Verdict { state.withLock(\.verdict) }

    /// Whether the process is being ended because the worker is stuck.
    public var isOver: Bool { state.withLock(\.isOver) }

    /// Returns on shutdown.
    ///
    /// - Throws: ``WorkerIsStuck``: everything else is to be shut down then, within ``lastWords``.
    public func run() async throws {
        // One thread decides, the other tells: a log that nobody takes must not hold up the end.
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let (deciding, telling) = (threads.next(), threads.next())
        let looks = deciding.scheduleRepeatedTask(initialDelay: .zero, delay: TimeAmount(Self.interval)) { _ in
            self.look(deciding, telling)
        }
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            if isOver {
                worker.skipDrain()
                throw WorkerIsStuck(faults: verdict.stuck)
            }
            if !verdict.faults.isEmpty { await askStore() }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(250)) }
        }
        // The last look may still have something to tell.
        let over = deciding.makePromise(of: Void.self)
        looks.cancel(promise: over)
        try? await over.futureResult.get()
        if isOver {
            worker.skipDrain()
            throw WorkerIsStuck(faults: verdict.stuck)
        }
        try? await threads.shutdownGracefully()
    }

    private func look(_ deciding: any EventLoop, _ telling: any EventLoop) {
        let facts = worker.facts
        let now = clock.now
        let (before, verdict, ends) = state.withLock { state in
            let before = state.verdict
            state.verdict = state.health.judge(facts, at: now, storeAnswered: state.storeAnswered)
            let ends = isTooLong(state.verdict.stuckFor) && !state.isOver
            if ends { state.isOver = true }
            return (before, state.verdict, ends)
        }
        if ends { _ = deciding.scheduleTask(in: TimeAmount(Self.lastWords)) { self.end() } }
        telling.execute { self.tell(before, verdict, ends: ends) }
    }

    private func isTooLong(_ time: Duration?) -> Bool {
        guard let time, let exitAfter else { return false }
        return time >= exitAfter
    }

    private func tell(_ before: WorkerHealth.Verdict, _ verdict: WorkerHealth.Verdict, ends: Bool) {
        let why = verdict.faults.map(\.description).joined(separator: "; ")
        if before.faults.isEmpty, !verdict.faults.isEmpty {
            logger.error("This worker does not get on", metadata: ["why": "\(why)"])
        }
        if !before.faults.isEmpty, verdict.faults.isEmpty { logger.notice("This worker gets on again") }
        guard ends else { return }
        logger.critical(
            "This worker is stuck and ends itself, so that it is started anew",
            metadata: ["why": "\(why)", "exit": "\(Self.exitCode)"])
    }

    /// Has a script run over a connection of its own, which would take part in what the worker waits for if Redis did.
    private func askStore() async {
        do throws(RedisError) {
            let connection = try await redis.makeConnection(name: "posthaste-health")
            do throws(RedisError) {
                _ = try await connection.send(RedisCommand("EVAL", "return 1", "0"))
                let now = clock.now
                state.withLock { $0.storeAnswered = now }
            } catch {}
            await connection.close()
        } catch {}
    }
}

/// A worker has been stuck for too long.
public struct WorkerIsStuck: Error, CustomStringConvertible {
    public let faults: [WorkerFault]

    public var description: String { faults.map(\.description).joined(separator: "; ") }
}
