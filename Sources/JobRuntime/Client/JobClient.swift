import NIOCore
public import ServiceLifecycle
import Synchronization

import struct Redis.Backoff

/// The producer's side of the queues: enqueues jobs, takes them back, and tells what became of them.
///
/// While ``run()`` is running, calls of any number of tasks made at the same time travel to Redis together; on graceful
/// shutdown it still enqueues what was handed in before, and refuses what comes later. Without it each call travels alone.
public final class JobClient: Service {
    let store: any Storage
    private let limits: @Sendable (JobQueue) -> QueueLimits
    private let journal: (any EnqueueJournal)?
    /// How long an enqueue may take.
    private let patience: Duration
    private let gathers = Atomic(false)
    /// A call of 4 MiB still leaves Redis time for others; 64 MiB of jobs may wait for theirs.
    private let batcher = Batcher<Submission, Result<Receipt, EnqueueError>>(
        limit: 500, capacity: 20_000, costLimit: 4 << 20, costCapacity: 64 << 20
    ) { $0.job.payload.readableBytes }

    /// - Parameters:
    ///   - limits: when a queue takes no more.
    ///   - patience: how long an enqueue may take: whatever Redis does, it is answered then, with
    ///     ``EnqueueError/unavailable(_:)`` if the job was not sent, else with ``EnqueueError/uncertain(_:_:)``. A call that
    ///     is cut off is repeated for as long. The time that a journal takes comes on top.
    ///   - journal: has each job before its queue has it.
    public init(
        store: JobStore, patience: Duration = .seconds(10), journal: (any EnqueueJournal)? = nil,
        limits: @escaping @Sendable (JobQueue) -> QueueLimits = { _ in .none }
    ) {
        self.store = store.storage
        self.patience = patience
        self.journal = journal
        self.limits = limits
    }

    public func run() async {
        gathers.store(true, ordering: .relaxed)
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await batcher.run { batch in
                    // The first has waited longest; those that wait behind this call are younger than all of its jobs.
                    let deadline = batch.first?.deadline ?? .now
                    let jobs = batch.map(\.job)
                    guard let journal = self.journal else { return await self.enqueueGathered(jobs, until: deadline) }
                    return await journal.recording(jobs) { await self.enqueueGathered($0, until: deadline) }
                }
            } onCancel: {
                batcher.stop()
            }
        } onGracefulShutdown: {
            self.batcher.stop()
        }
    }

    /// Enqueues a job and waits until Redis has it.
    public func enqueue(_ job: NewJob) async throws(EnqueueError) -> Receipt {
        guard gathers.load(ordering: .relaxed) else { return try await enqueue([job])[0].get() }
        let span = EnqueueSpan([job])
        let result =
            await batcher.submit(Submission(job: span.jobs[0], deadline: .now + patience))
            ?? .failure(.unavailable("too many jobs wait to be enqueued, or the client was stopped"))
        span.end([result])
        return try result.get()
    }

    /// Enqueues any number of jobs, in calls of up to 500, and waits until Redis has answered for each. As long as it
    /// does that, it may take longer than the client's patience; when one call goes beyond, the rest are not sent.
    ///
    /// - Returns: what became of each, in the order given.
    public func enqueue(_ jobs: [NewJob]) async -> [Result<Receipt, EnqueueError>] {
        let span = EnqueueSpan(jobs)
        let results = await enqueueRecorded(span.jobs)
        span.end(results)
        return results
    }

    private func enqueueRecorded(_ jobs: [NewJob]) async -> [Result<Receipt, EnqueueError>] {
        var deadline = ContinuousClock.now + patience
        guard let journal else { return await enqueueTogether(jobs, until: &deadline) }
        var results: [Result<Receipt, EnqueueError>] = []
        for chunk in Array(jobs.indices).chunks({ jobs[$0].payload.readableBytes }) {
            results += await journal.recording(chunk.map { jobs[$0] }) { await enqueueTogether($0, until: &deadline) }
        }
        return results
    }

    /// - Parameter deadline: renewed with each call that is answered in time.
    private func enqueueTogether(
        _ jobs: [NewJob], until deadline: inout ContinuousClock.Instant
    ) async -> [Result<Receipt, EnqueueError>] {
        var results = [Result<Receipt, EnqueueError>](repeating: .failure(.unavailable("")), count: jobs.count)
        for (route, indices) in routes(of: jobs) {
            for chunk in indices.chunks({ jobs[$0].payload.readableBytes }) {
                let answers = await enqueue(chunk.map { jobs[$0] }, on: route, until: deadline)
                if ContinuousClock.now < deadline { deadline = .now + patience }
                for (index, answer) in zip(chunk, answers) { results[index] = answer }
            }
        }
        return results
    }

    /// Takes back a job that waits.
    public func cancel(_ id: JobID) async throws(StoreError) -> Cancellation {
        try await store.cancel(id)
    }

    /// What is known of a job of a tracked queue, or of a delayed one; nil when there is nothing: it never was, or its
    /// record has expired.
    public func record(of id: JobID) async throws(StoreError) -> JobRecord? {
        try await store.record(of: id)
    }

    /// Takes in what somebody else says of a job, once for each token, in whatever order.
    public func report(_ report: JobReport, of id: JobID) async throws(StoreError) -> JobReport.Reception {
        var report = report
        // The record keeps the tokens: a vendor's long ones must not fill it.
        if report.token.utf8.count > 200 { report.token = "\(JobID.derived(from: id, report.token))" }
        return try await store.report(report, of: id)
    }

    /// One round trip to the store.
    public func ping() async throws(StoreError) {
        _ = try await store.now()
    }

    /// What was enqueued by earlier requests with idempotency keys, without enqueuing anything: for a request that would
    /// be refused today, and may be the repetition of one that was not.
    ///
    /// - Returns: in the order given; nil: there is none, or another one.
    public func known(_ requests: [NewJob.Idempotency]) async throws(StoreError) -> [Receipt?] {
        try await store.known(requests)
    }

    /// Finds out whether the store would take jobs now, and the journal keep them: the store is made to write something,
    /// which a replica, a server at `maxmemory` and one that cannot write its files refuse, and where replicas must have
    /// each job they must have that, too.
    ///
    /// - Returns: why queues take no more just now, by this client's limits; those that do are not among them.
    /// - Throws: what an enqueue would meet with.
    public func probe(_ queues: [JobQueue]) async throws(StoreError) -> [JobQueue: String] {
        try await journal?.probe()
        let reasons = try await store.probe(queues.map { ($0, limits($0)) })
        return zip(queues, reasons).reduce(into: [:]) { $0[$1.0] = $1.1 }
    }

    /// One call per queue and lane, all on the wire at once.
    private func enqueueGathered(
        _ jobs: [NewJob], until deadline: ContinuousClock.Instant
    ) async -> [Result<Receipt, EnqueueError>] {
        let routes = routes(of: jobs)
        if routes.count == 1, let route = routes.first?.route { return await enqueue(jobs, on: route, until: deadline) }
        return await withTaskGroup { calls in
            for (route, indices) in routes {
                calls.addTask { (indices, await self.enqueue(indices.map { jobs[$0] }, on: route, until: deadline)) }
            }
            var results = [Result<Receipt, EnqueueError>](repeating: .failure(.unavailable("")), count: jobs.count)
            for await (indices, answers) in calls {
                for (index, answer) in zip(indices, answers) { results[index] = answer }
            }
            return results
        }
    }

    /// Where a job goes: one call takes jobs of one stream.
    private struct Route: Hashable {
        let queue: JobQueue
        let lane: Lane

        init(_ job: NewJob) { (queue, lane) = (job.queue, job.meta.lane) }
    }

    /// A job that is handed in, and when its answer is due.
    private struct Submission {
        var job: NewJob
        var deadline: ContinuousClock.Instant
    }

    private func routes(of jobs: [NewJob]) -> [(route: Route, indices: [Int])] {
        guard let first = jobs.first.map(Route.init) else { return [] }
        // Most calls have one, and finding that out is cheaper than a dictionary.
        if jobs.allSatisfy({ Route($0) == first }) { return [(first, Array(jobs.indices))] }
        return Dictionary(grouping: jobs.indices) { Route(jobs[$0]) }.map { ($0.key, $0.value) }
    }

    private func enqueue(
        _ jobs: [NewJob], on route: Route, until deadline: ContinuousClock.Instant
    ) async -> [Result<Receipt, EnqueueError>] {
        guard ContinuousClock.now < deadline else {
            return jobs.map { _ in .failure(.unavailable("not sent: Redis did not answer others within \(patience)")) }
        }
        return await cancelling(at: deadline) {
            do throws(EnqueueError) {
                let reply = try await self.call(jobs, on: route, until: deadline)
                return jobs.indices.map { reply.result(of: jobs[$0].id, at: $0) }
            } catch {
                return jobs.map { .failure(error.about($0.id)) }
            }
        }
    }

    /// One call. When it is cut off it is repeated, which for a tracked queue is safe: a job that has a record is not
    /// enqueued again.
    private func call(
        _ jobs: [NewJob], on route: Route, until deadline: ContinuousClock.Instant
    ) async throws(EnqueueError) -> EnqueueReply {
        var backoff = Backoff()
        // What comes after it does not end it.
        var doubt: String?
        while true {
            do throws(StoreError) {
                var reply = try await store.enqueue(
                    jobs[...], to: route.queue, lane: route.lane, limits: limits(route.queue))
                reply.isRepetition = doubt != nil
                return reply
            } catch {
                let isOver = ContinuousClock.now >= deadline
                let message = isOver ? "Redis did not answer within \(patience)" : "\(error)"
                if error.mayHaveRun, !isOver || doubt == nil { doubt = message }
                guard let doubt else { throw .unavailable(message) }
                guard route.queue.isTracked, !isOver, !Task.isCancelled else { throw .uncertain(jobs[0].id, doubt) }
            }
            try? await Task.sleep(for: backoff.next())
        }
    }
}

extension EnqueueReply {
    /// What became of the job at one place of the call.
    fileprivate func result(of id: JobID, at place: Int) -> Result<Receipt, EnqueueError> {
        switch exceptions[place] {
        case nil: .success(Receipt(id: id, enqueuedAt: at))
        case .duplicate(let first, let firstAt):
            // A job that the call before this one has enqueued is no duplicate.
            .success(Receipt(id: first, enqueuedAt: firstAt ?? at, isDuplicate: !isRepetition || first != id))
        case .conflict(let first): .failure(.conflict(first))
        // The call before this one may still be on its way, and find room.
        case .full(let reason): .failure(isRepetition ? .uncertain(id, reason) : .full(reason))
        }
    }
}

extension EnqueueError {
    /// The same error, of one job of the call that failed.
    fileprivate func about(_ id: JobID) -> EnqueueError {
        if case .uncertain(_, let message) = self { .uncertain(id, message) } else { self }
    }
}
