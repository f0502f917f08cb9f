import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    @Suite struct DeadlineTests {
        /// Its slot is free while it still runs, somebody is told, and what it says in the end changes nothing.
        @Test func anAttemptThatDoesNotStopIsGivenUpAndItsLateEndChangesNothing() async throws {
            try await withBench(events: true) { bench in
                let (runs, gate, log) = (Runs(), Gate(), LogLines())
                let id = try await bench.enqueue(1)[0]
                let patient = RetryPolicy(backoff: .schedule([.seconds(36_000)]), maximumAttempts: 5)
                let handlers = JobHandlers.notes(runs, policy: patient, timeout: .seconds(3)) { note, _ in
                    if note.number == 0 { await gate.passStubbornly() }
                    return .succeeded(result: "\"late\"")
                }
                let worker = bench.worker(handlers, logger: log.logger) {
                    $0.slots = 1
                    $0.deadlineGrace = .seconds(1)
                    $0.clock = LookClock(faster: 10)
                }
                try await running(worker) {
                    try await eventually("it runs") { gate.arrived == 1 }
                    try await bench.enqueue(1, from: 1)
                    try await eventually("another has its slot") { runs[1].count == 1 }
                    try await eventually("its heartbeat tells") {
                        try await bench.redis.hash(bench.keys.worker(worker.consumer))["abandoned"] == "1"
                    }
                    let before = try await bench.record(id)
                    #expect(before["state"] == "retrying")
                    #expect(before["error"] == "ran for longer than 3.0 seconds and did not stop when it was cancelled")
                    gate.open()
                    try await eventually("its end is noticed") { !log.saying("given up has ended").isEmpty }
                    #expect(try await bench.record(id) == before)
                    #expect(try await bench.retryCount() == 1)
                }
                #expect(log.saying("ignores its deadline").map(\.level) == ["error"])
                #expect(log.saying("ignores its deadline").map { $0.metadata["job"] } == ["\(id)"])
                #expect(worker.counts.abandoned == 1)
                #expect([worker.counts.done, worker.counts.failed, worker.counts.fenced] == [1, 1, 0])
                #expect(try await bench.events().count { $0 == "retrying" } == 1)
                #expect(runs.total == 2)
            }
        }
    }
}
