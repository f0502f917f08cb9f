import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    @Suite struct PauseTests {
        /// How often a reader has looked whether its queue is paused, since the server was last told to forget.
        private func looks(_ redis: RedisClient) async throws -> Int {
            let stats = try await redis.ask("INFO", "commandstats").string ?? ""
            let line = stats.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_sismember:calls=") }
            return line.flatMap { Int($0.dropFirst(24).prefix { $0 != "," }) } ?? 0
        }

        @Test func whatRunsGoesOnNothingMoreIsDeliveredAndThenItIs() async throws {
            try await withBench(on: PrivateRedis()) { bench in
                let (runs, gate, store) = (Runs(), Gate(), JobStore(bench.store))
                try await bench.enqueue(1)
                let handlers = JobHandlers.notes(runs) { _, _ in
                    try await gate.pass()
                    return .succeeded()
                }
                let worker = bench.worker(handlers) {
                    $0.slots = 3
                    $0.lease = .seconds(4)
                }
                try await running(worker) {
                    try await eventually("one runs") { gate.arrived == 1 }
                    try await eventually("its reader waits for more") { try await bench.isReading(worker) }
                    try await store.pause("work")
                    try await bench.redis.ask("CONFIG", "RESETSTAT")
                    try await eventually("its reader has heard of it") { try await looks(bench.redis) > 0 }

                    try await bench.enqueue(5, from: 1)
                    let seen = try await looks(bench.redis)
                    try await eventually("it has looked again") { try await looks(bench.redis) > seen + 3 }
                    #expect(try await bench.pending().map(\.consumer) == [worker.consumer], "its lease is renewed")
                    #expect(runs.total == 1)
                    gate.open()
                    try await eventually("what ran is done") { worker.counts.done == 1 }
                    let then = try await looks(bench.redis)
                    try await eventually("it has looked again") { try await looks(bench.redis) > then + 3 }
                    #expect(runs.total == 1)
                    #expect(try await bench.length() == 5)

                    try await store.resume("work")
                    try await eventually("the others are run") { try await bench.isEmpty() }
                }
                #expect(runs.total == 6)
            }
        }

        /// What is put off while the queue is paused is in its stream when its time has come, and waits there.
        @Test func dueJobsWaitInTheStream() async throws {
            try await withBench { bench in
                let (runs, store) = (Runs(), JobStore(bench.store))
                try await store.pause("work")
                try await running(bench.worker(.notes(runs))) {
                    try await bench.enqueue(2, start: .after(.milliseconds(1)))
                    try await eventually("they wait") { try await bench.length() == 2 }
                    #expect(runs.total == 0)
                    #expect(try await store.pausedQueues() == ["work"])
                    try await store.resume("work")
                    try await eventually("they are run") { try await bench.isEmpty() }
                }
                #expect(runs.total == 2)
            }
        }

        /// Not in a circle, and whatever the worker's clock does: it reads nothing without having asked.
        @Test func aReaderLooksNowAndThen() async throws {
            try await withBench(on: PrivateRedis()) { bench in
                let runs = Runs()
                try await bench.enqueue(1)
                try await JobStore(bench.store).pause("work")
                let worker = bench.worker(.notes(runs)) {
                    $0.lease = .seconds(1)
                    $0.clock = StillClock()
                }
                let begin = try await bench.redis.now()
                try await running(worker) {
                    try await eventually("it has looked again and again") { try await looks(bench.redis) > 3 }
                    let count = try await looks(bench.redis)
                    let elapsed = Int(try await bench.redis.now() - begin)
                    #expect(count <= 2 + elapsed / 250, "four in a lease")
                    #expect(runs.total == 0)
                }
            }
        }

        @Test func aWorkerOfAPausedQueueStops() async throws {
            try await withBench { bench in
                try await JobStore(bench.store).pause("work")
                let worker = bench.worker(.notes(Runs()))
                try await running(worker) {
                    try await eventually("it lives") {
                        try await bench.redis.exists(bench.keys.worker(worker.consumer))
                    }
                }
                #expect(try await !bench.redis.exists(bench.keys.worker(worker.consumer)))
            }
        }
    }
}
