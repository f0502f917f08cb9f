import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    @Suite struct LeaseTests {
        @Test func aHandlerThatTakesLongerThanTheLeaseIsNotDisturbed() async throws {
            try await withBench { bench in
                let (runs, gate) = (Runs(), Gate())
                let id = try await bench.enqueue(1)[0]
                let handlers = JobHandlers.notes(runs) { _, _ in
                    try await gate.pass()
                    return .succeeded()
                }
                let workers = (0..<2).map { _ in bench.worker(handlers) { $0.lease = .seconds(4) } }
                try await running(workers[0], workers[1]) {
                    try await eventually("it runs") { gate.arrived == 1 }
                    let start = try await bench.redis.now()
                    try await eventually("several leases have passed") { try await bench.redis.now() > start + 9000 }
                    let row = try #require(try await bench.pending().first)
                    #expect(row.deliveries == 1)
                    #expect(row.consumer == runs[0].first?.consumer)
                    gate.open()
                    try await eventually("it is done") { try await bench.isEmpty() }
                }
                #expect(runs.total == 1)
                #expect(try await bench.client.record(of: id)?.deliveries == 1)
                #expect(workers.map(\.counts.reclaimed) == [0, 0])
            }
        }

        @Test func anAttemptWhoseEntryIsAnotherWorkersIsCancelledAndSettlesNothing() async throws {
            try await withBench { bench in
                let (runs, gate, cancelled) = (Runs(), Gate(), Locked(false))
                let id = try await bench.enqueue(1)[0]
                let handlers = JobHandlers.notes(runs) { _, _ in
                    do { try await gate.pass() } catch { cancelled.value = true }
                    return .succeeded(result: "\"stale\"")
                }
                let worker = bench.worker(handlers) { $0.lease = .milliseconds(900) }
                try await running(worker) {
                    try await eventually("it runs") { gate.arrived == 1 }
                    let entry = try #require(try await bench.pending().first?.entry)
                    try await bench.redis.ask("XCLAIM", bench.stream, KeySpace.group, "other", "0", entry)
                    try await eventually("it is cancelled") { cancelled.value }
                    try await eventually("its settlement is fenced") { worker.counts.fenced == 1 }
                    #expect(try await bench.pending().map(\.consumer) == ["other"])
                    #expect(try await bench.record(id)["result"] == nil)
                }
                #expect(worker.counts.done == 0)
            }
        }

        /// The worker was stopped for longer than its lease, took the entry over from itself, and still runs it.
        @Test func anEntryThatIsDeliveredAgainToTheWorkerThatRunsItIsSettledOnce() async throws {
            try await withBench { bench in
                let (runs, gate) = (Runs(), Gate())
                let id = try await bench.enqueue(1)[0]
                let worker = bench.worker(
                    .notes(runs) { _, _ in
                        await gate.passStubbornly()
                        return .succeeded()
                    }
                ) { $0.lease = .seconds(4) }
                try await running(worker) {
                    try await eventually("it runs") { gate.arrived == 1 }
                    let entry = try #require(try await bench.pending().first?.entry)
                    try await bench.redis.ask(
                        "XCLAIM", bench.stream, KeySpace.group, worker.consumer, "0", entry, "IDLE", "60000", "JUSTID")
                    try await eventually("it is delivered again") { worker.counts.reclaimed == 1 }
                    gate.open()
                    try await eventually("it is settled") { try await bench.isEmpty() }
                }
                #expect(runs.total == 1)
                #expect(worker.counts.fenced == 0)
                #expect(try await bench.client.record(of: id)?.deliveries == 2)
            }
        }
    }
}
