import ArgumentParser
import JobRuntime
import NIOCore
import Redis

struct Produce: AsyncParsableCommand {
    @OptionGroup var target: Target
    @Option(help: "bytes of a payload") var bytes = 250
    @Option(help: "jobs of one call") var batch = 100
    @Option(help: "so many tasks enqueue one job after the other, each waiting until Redis has it") var tasks: Int?
    @Option(help: "jobs a second, each enqueued by itself; without it, as fast as it goes") var rate: Double?

    func run() async throws {
        let redis = try target.client()
        let client = JobClient(store: target.store(redis))
        let report = try await withThrowingTaskGroup { group in
            group.addTask { await redis.run() }
            group.addTask { await client.run() }
            let start = Stopwatch.now
            let waits =
                if let rate {
                    try await pace(rate, client)
                } else if let tasks {
                    try await singly(tasks, client)
                } else {
                    try await flood(client)
                }
            let end = Stopwatch.now
            group.cancelAll()
            return CycleReport(first: start, last: end, jobs: target.jobs, waits: waits)
        }
        try report.print()
    }

    private var payload: ByteBuffer {
        ByteBuffer(string: "\"" + String(repeating: "x", count: max(0, bytes - 2)) + "\"")
    }

    private func flood(_ client: JobClient) async throws -> [UInt64] {
        let (queue, payload) = (target.jobQueue, payload)
        for start in stride(from: 0, to: target.jobs, by: batch) {
            let jobs = (start..<min(start + batch, target.jobs)).map { _ in
                NewJob(queue: queue, kind: "noop", payload: payload)
            }
            for result in await client.enqueue(jobs) { _ = try result.get() }
        }
        return []
    }

    /// - Returns: how long each call took, in nanoseconds.
    private func singly(_ tasks: Int, _ client: JobClient) async throws -> [UInt64] {
        let (queue, jobs, payload) = (target.jobQueue, target.jobs, payload)
        return try await withThrowingTaskGroup { group in
            for task in 0..<tasks {
                group.addTask {
                    var waits: [UInt64] = []
                    for _ in stride(from: task, to: jobs, by: tasks) {
                        let start = Stopwatch.now
                        _ = try await client.enqueue(NewJob(queue: queue, kind: "noop", payload: payload))
                        waits.append(Stopwatch.now - start)
                    }
                    return waits
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Each job carries the moment when it should have been enqueued, so that a producer that falls behind does not hide
    /// the wait. Those that are due within half a millisecond go together: a timer for each would be most of the work.
    ///
    /// - Returns: by how much each was late when it was handed over, in nanoseconds.
    private func pace(_ rate: Double, _ client: JobClient) async throws -> [UInt64] {
        let queue = target.jobQueue
        // It warms both sides.
        _ = try await client.enqueue(NewJob(queue: queue, kind: "noop", payload: payload))
        let start = ContinuousClock.now
        let startedAt = Stopwatch.now
        var lateness: [UInt64] = []
        try await withThrowingDiscardingTaskGroup { enqueues in
            for number in 0..<target.jobs {
                let due = Double(number) / rate
                let wait = .seconds(due) - (ContinuousClock.now - start)
                if wait > .zero { try await Task.sleep(for: max(wait, .microseconds(500)), tolerance: .zero) }
                let moment = startedAt + UInt64(due * 1e9)
                let now = Stopwatch.now
                lateness.append(now - min(moment, now))
                let stamp = "\"\(moment)"
                let payload = stamp + String(repeating: " ", count: max(0, bytes - stamp.utf8.count - 1)) + "\""
                let job = NewJob(queue: queue, kind: "stamped", payload: ByteBuffer(string: payload))
                enqueues.addTask { _ = try await client.enqueue(job) }
            }
        }
        return lateness
    }
}
