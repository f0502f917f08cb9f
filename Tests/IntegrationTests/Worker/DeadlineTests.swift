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

        /// A handler that hangs each time ends its job all the same, and its slot is there again when one has ended.
        @Test func aJobThatHangsEachTimeComesToItsEnd() async throws {
            try await withBench { bench in
                let (runs, gates) = (Runs(), [Gate(), Gate()])
                let id = try await bench.enqueue(1)[0]
                let twice = RetryPolicy(backoff: .schedule([.zero]), maximumAttempts: 2)
                let handlers = JobHandlers.notes(runs, policy: twice, timeout: .seconds(3)) { note, attempt in
                    if note.number == 0 { await gates[attempt.number - 1].passStubbornly() }
                    return .succeeded()
                }
                let worker = bench.worker(handlers) {
                    $0.slots = 1
                    $0.deadlineGrace = .seconds(1)
                    $0.clock = LookClock(faster: 10)
                }
                try await running(worker) {
                    try await eventually("it is a dead letter") { try await bench.deadCount() == 1 }
                    #expect(try await bench.record(id)["reason"] == "exhausted")
                    #expect(worker.counts.abandoned == 2)
                    try await bench.enqueue(1, from: 1)
                    gates[0].open()
                    try await eventually("another has the slot") { runs[1].count == 1 }
                    gates[1].open()
                }
                #expect(runs[0].map(\.attempt) == [1, 2])
            }
        }

        /// The deadlines of others do not wait for a store that is away.
        @Test func oneAfterTheOtherIsGivenUpWhileNothingCanBeSettled() async throws {
            let server = try await PrivateRedis()
            try await withBench(on: server, commandTimeout: .seconds(1)) { bench in
                let (runs, gate) = (Runs(), Gate())
                try await bench.enqueue(2)
                let handlers = JobHandlers.notes(runs, timeout: .seconds(1)) { note, attempt in
                    if attempt.number == 1 { await gate.passStubbornly() }
                    return .succeeded()
                }
                let clock = StillClock()
                let worker = bench.worker(handlers) {
                    $0.deadlineGrace = .seconds(1)
                    $0.clock = clock
                }
                try await running(worker) {
                    try await eventually("both run") { gate.arrived == 2 }
                    server.freeze()
                    clock.advance(.seconds(1))
                    try await eventually("both are given up") {
                        clock.advance(.milliseconds(10))
                        return worker.counts.abandoned == 2
                    }
                    server.thaw()
                    gate.open()
                    try await eventually("both are settled") { worker.counts.failed == 2 }
                }
            }
        }
    }
}
