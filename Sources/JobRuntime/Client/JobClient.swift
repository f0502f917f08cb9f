public import Logging
import NIOCore
public import Redis
public import ServiceLifecycle

/// The producer's side of the queues: enqueues jobs and tells what became of them.
///
/// Calls of any number of tasks made at the same time travel to Redis together. It does its work in ``run()``, which
/// must be running; on graceful shutdown it still enqueues what was handed in before.
public final class JobClient: Service {
    let redis: RedisClient
    let keys: KeySpace
    private let keepsEvents: Bool
    private let logger: Logger
    /// A call of 4 MiB still leaves Redis time for others; 64 MiB of jobs may wait for theirs.
    private let batcher = Batcher<NewJob, Result<Receipt, EnqueueError>>(
        limit: 500, capacity: 20_000, costLimit: 4 << 20, costCapacity: 64 << 20
    ) { $0.payload.readableBytes }

    /// - Parameters:
    ///   - redis: must be running, and be stopped after the client.
    ///   - keepsEvents: whether a ledger reads the events; must be the same everywhere.
    public init(redis: RedisClient, keys: KeySpace = KeySpace(), keepsEvents: Bool = false, logger: Logger) {
        self.redis = redis
        self.keys = keys
        self.keepsEvents = keepsEvents
        self.logger = logger
    }

    public func run() async {
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await batcher.run { await self.enqueueEach($0) }
            } onCancel: {
                batcher.stop()
            }
        } onGracefulShutdown: {
            self.batcher.stop()
        }
    }

    /// Enqueues a job and waits until Redis has it.
    public func enqueue(_ job: NewJob) async throws(EnqueueError) -> Receipt {
        guard let result = await batcher.submit(job) else {
            throw .unavailable("too many jobs wait to be enqueued, or the client is not running")
        }
        return try result.get()
    }

    /// Enqueues many jobs of one queue, in calls of up to 500, and waits until Redis has them all.
    ///
    /// - Throws: at the first call that fails; the jobs of the calls before it are enqueued.
    public func enqueue(_ jobs: [NewJob], to queue: JobQueue) async throws(EnqueueError) {
        for start in stride(from: 0, to: jobs.count, by: 500) {
            _ = try await enqueue(jobs[start..<min(start + 500, jobs.count)], queue: queue)
        }
    }

    /// One round trip to Redis.
    public func ping() async throws(RedisError) {
        _ = try await redis.send(RedisCommand("PING"))
    }

    /// One call per queue, all on the wire at once.
    private func enqueueEach(_ jobs: [NewJob]) async -> [Result<Receipt, EnqueueError>] {
        let byQueue = Dictionary(grouping: jobs.indices) { jobs[$0].queue }
        return await withTaskGroup { calls in
            for (queue, indices) in byQueue {
                calls.addTask {
                    let result: Result<Int64, EnqueueError>
                    do throws(EnqueueError) {
                        result = .success(try await self.enqueue(indices.map { jobs[$0] }[...], queue: queue))
                    } catch {
                        result = .failure(error)
                    }
                    return (indices, result)
                }
            }
            var results = [Result<Receipt, EnqueueError>](repeating: .failure(.unavailable("")), count: jobs.count)
            for await (indices, result) in calls {
                for index in indices {
                    let id = jobs[index].id
                    results[index] = result.map { Receipt(id: id, enqueuedAt: $0) }.mapError { $0.about(id) }
                }
            }
            return results
        }
    }

    /// One call of the script. When the connection breaks under it the call is repeated, which for a tracked queue is
    /// safe: a job that has a record is not enqueued again.
    ///
    /// - Returns: Unix milliseconds of the enqueue.
    private func enqueue(_ jobs: ArraySlice<NewJob>, queue: JobQueue) async throws(EnqueueError) -> Int64 {
        var backoff = Backoff()
        var mayHaveRun = false
        let deadline = ContinuousClock.now + redis.configuration.commandTimeout
        while true {
            do throws(RedisError) {
                let reply = try await redis.run(enqueueCall(jobs, queue: queue))
                guard let at = reply.int else { throw RedisError.unexpected(reply, of: "enqueue.lua") }
                return at
            } catch {
                mayHaveRun = mayHaveRun || error.mayHaveRun
                guard mayHaveRun else { throw .unavailable("\(error)") }
                guard queue.isTracked, ContinuousClock.now < deadline else {
                    throw .uncertain(jobs.first?.id ?? JobID(), "\(error)")
                }
            }
            guard (try? await Task.sleep(for: backoff.next())) != nil else {
                throw .uncertain(jobs.first?.id ?? JobID(), "stopped before Redis could be asked again")
            }
        }
    }

    private func enqueueCall(_ jobs: ArraySlice<NewJob>, queue: JobQueue) -> ScriptCall {
        var call = ScriptCall(Scripts.enqueue)
        call.key(keys.stream(queue.name))
        call.key(keys.events)
        call.argument(queue.name)
        call.argument(queue.isTracked ? "1" : "0")
        call.argument(keepsEvents ? "1" : "0")
        for job in jobs {
            let id = job.id.description
            if queue.isTracked { call.key(keys.record(id)) }
            call.argument(id)
            call.argument(job.kind)
            call.argument(job.payload)
            call.argument("{}")
        }
        return call
    }
}

extension EnqueueError {
    /// The same error, of one job of the call that failed.
    fileprivate func about(_ id: JobID) -> EnqueueError {
        if case .uncertain(_, let message) = self { .uncertain(id, message) } else { self }
    }
}
