import Benchmark
import JobRuntime
import JobTesting
import NIOCore

/// What the runtime itself costs per job: a store in memory, a handler that does nothing.
func registerAttempts() {
    let queue = JobQueue("micro", isTracked: false)
    Benchmark("Attempts: run and settle 100 jobs, one by one, in memory") { benchmark, runtime in
        for _ in 0..<100 {
            try await runtime.enqueue(NewJob(queue: queue, kind: "noop", payload: ByteBuffer(string: payload)))
        }
        let settled = await benchmark.measure { await runtime.runUntilIdle() }
        if settled != 100 { benchmark.error("settled \(settled) of 100 jobs") }
    } setup: {
        var handlers = JobHandlers()
        handlers.register(rawKind: "noop") { _, _ in .succeeded() }
        return TestRuntime(queues: [queue], handlers: handlers)
    }
}
