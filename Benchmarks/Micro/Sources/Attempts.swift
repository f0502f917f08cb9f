import Benchmark
import JobRuntime
import JobTesting
import NIOCore

/// What the runtime itself costs per job: a store in memory, a handler that does nothing.
func registerAttempts() {
    let queue = JobQueue("micro", isTracked: false)
    let payload = ByteBuffer(string: payload)
    var handlers = JobHandlers()
    handlers.register(rawKind: "noop") { _, _ in .succeeded() }
    let runtime = TestRuntime(queues: [queue], handlers: handlers)
    Benchmark("Attempts: run and settle 100 jobs, one by one, in memory") { benchmark in
        for _ in 0..<100 { try await runtime.enqueue(NewJob(queue: queue, kind: "noop", payload: payload)) }
        let settled = await benchmark.measure { await runtime.runUntilIdle() }
        if settled != 100 { benchmark.error("settled \(settled) of 100 jobs") }
    }
}
