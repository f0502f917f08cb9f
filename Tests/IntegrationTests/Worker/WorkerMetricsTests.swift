import Metrics
import MetricsTestKit
import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    @Suite struct WorkerMetricsTests {
        /// Keeps what it hears of ends.
        private struct Teller: JobHandler {
            let heard: Locked<[String]>
            let work: @Sendable (Note, Attempt) async throws -> Outcome

            func run(_ note: Note, attempt: Attempt) async throws -> Outcome {
                attempt.note("number", "\(note.number)")
                return try await work(note, attempt)
            }

            func ended(_ ending: Ending, note: (_ name: String) -> String?) {
                heard.update { [number = note("number")] in $0.append("\(number ?? "nothing"): \(ending)") }
            }
        }

        @Test func whatBecameOfDeliveriesIsCountedByQueue() async throws {
            try await withBench { bench in
                let (metrics, heard) = (TestMetrics(), Locked<[String]>([]))
                var handlers = JobHandlers()
                handlers.register(
                    Teller(heard: heard) { note, attempt in
                        switch note.number {
                        case 0: .succeeded()
                        case 1: .dead(reason: .permanent, error: "")
                        case 2 where attempt.number == 1: .retry(error: "", after: .zero)
                        default: .discarded(reason: .permanent, error: "")
                        }
                    }, policy: RetryPolicy(backoff: .schedule([.milliseconds(1)]), maximumAttempts: 3))
                try await bench.enqueue(3)
                let worker = bench.worker(handlers) { $0.metrics = metrics }
                try await running(worker) {
                    try await eventually("all have ended") { heard.value.count == 3 }
                }
                for (outcome, count) in [
                    ("done", 1), ("dead", 1), ("retrying", 1), ("discarded", 1), ("fenced", 0), ("lost", 0),
                ] {
                    let counter = try metrics.expectCounter(
                        "job_settlements_total", [("queue", "work"), ("outcome", outcome)])
                    #expect(counter.totalValue == count, "\(outcome)")
                }
                for label in ["job_wait_duration_seconds", "job_settle_duration_seconds"] {
                    #expect(try metrics.expectTimer(label, [("queue", "work")]).values.count == 4)
                }
                #expect(try metrics.expectCounter("job_redeliveries_total", [("queue", "work")]).totalValue == 0)
                #expect(heard.value.sorted().map { $0.prefix { $0 != ":" } } == ["0", "1", "2"])
            }
        }

        @Test func whatIsAnotherWorkersIsFencedAndItsHandlerHearsOfNoEnd() async throws {
            try await withBench { bench in
                let (metrics, heard, gate) = (TestMetrics(), Locked<[String]>([]), Gate())
                var handlers = JobHandlers()
                handlers.register(
                    Teller(heard: heard) { _, _ in
                        await gate.passStubbornly()
                        return .succeeded()
                    })
                try await bench.enqueue(1)
                let worker = bench.worker(handlers) {
                    $0.metrics = metrics
                    $0.lease = .milliseconds(900)
                }
                try await running(worker) {
                    try await eventually("it runs") { gate.arrived == 1 }
                    let extensions = try metrics.expectCounter("job_lease_extensions_total", [("queue", "work")])
                    try await eventually("its lease is extended") { extensions.totalValue > 0 }
                    let entry = try #require(try await bench.pending().first?.entry)
                    try await bench.redis.ask("XCLAIM", bench.stream, KeySpace.group, "other", "0", entry)
                    let lost = try metrics.expectCounter("job_leases_lost_total", [("queue", "work")])
                    try await eventually("its lease is lost") { lost.totalValue > 0 }
                    gate.open()
                    let fenced = try metrics.expectCounter(
                        "job_settlements_total", [("queue", "work"), ("outcome", "fenced")])
                    try await eventually("its settlement is fenced") { fenced.totalValue == 1 }
                }
                #expect(heard.value == [])
            }
        }
    }
}
