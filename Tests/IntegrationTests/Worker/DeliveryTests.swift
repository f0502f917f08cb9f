import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    @Suite struct DeliveryTests {
        @Test(arguments: [true, false])
        func whatWasQueuedBeforeTheFirstWorkerCameIsRun(tracked: Bool) async throws {
            try await withBench(tracked: tracked) { bench in
                try await bench.enqueue(50)
                let runs = Runs()
                try await running(bench.worker(.notes(runs))) {
                    try await eventually("all are run") { try await bench.isEmpty() }
                }
                #expect(runs.count == 50)
                #expect(runs.total == 50)
            }
        }

        @Test func twoWorkersShareTheJobsAndEachIsRunOnce() async throws {
            try await withBench { bench in
                let runs = Runs()
                try await bench.enqueue(1000)
                let configuration = try await PrivateRedis.shared().configuration
                let done = try await withClient(configuration) { other in
                    let workers = [bench.worker(.notes(runs)), bench.worker(.notes(runs), redis: other)]
                    try await running(workers[0], workers[1]) {
                        try await bench.enqueue(1000, from: 1000)
                        try await eventually("all are run") { try await bench.isEmpty() }
                    }
                    return workers.map(\.counts.done)
                }
                #expect(runs.count == 2000)
                #expect(runs.total == 2000)
                #expect(runs.consumers.count == 2, "both had a share")
                #expect(done.reduce(0, +) == 2000)
                #expect(try await bench.deadCount() == 0)
            }
        }

        @Test func jobsThatAreEnqueuedWhileItWaitsAreRun() async throws {
            try await withBench(tracked: false) { bench in
                let runs = Runs()
                try await running(bench.worker(.notes(runs))) {
                    for number in 0..<20 {
                        try await bench.enqueue(1, from: number)
                        try await eventually("it is run") { runs.count == number + 1 }
                    }
                }
                #expect(runs.total == 20)
            }
        }

        @Test func aWorkerHoldsNoMoreThanItsSlots() async throws {
            try await withBench { bench in
                let (runs, gate) = (Runs(), Gate())
                try await bench.enqueue(40)
                let worker = bench.worker(
                    .notes(runs) { _, _ in
                        try await gate.pass()
                        return .succeeded()
                    }
                ) { $0.slots = 3 }
                try await running(worker) {
                    try await eventually("the slots are full") { gate.arrived == 3 }
                    for _ in 0..<20 { #expect(try await bench.pending().count == 3) }
                    #expect(try await bench.length() == 40)
                    gate.open()
                    try await eventually("all are run") {
                        let held = try await bench.pending().count
                        #expect(held <= 3)
                        return try await bench.isEmpty()
                    }
                }
                #expect(runs.total == 40)
            }
        }

        @Test func slotsOfOneQueueAreItsOwn() async throws {
            try await withBench { bench in
                let worker = bench.worker(.notes(Runs()) { _, _ in .succeeded() }) { options in
                    options.slots = 5
                    options.slotsByQueue = ["work": 2]
                }
                try await running(worker) {
                    try await eventually("the heartbeat tells") {
                        try await bench.redis.hash(bench.keys.worker(worker.consumer))["slots"] == "2"
                    }
                }
            }
        }

        @Test func anEntryOfAWorkerThatDiedIsTakenOverAndTheHandlerIsTold() async throws {
            try await withBench { bench in
                let lost = try await bench.delivered(3, to: "dead-worker")
                try await bench.claim(lost[0].entry, by: "dead-worker", idle: 60_000, deliveries: 1)
                try await bench.claim(lost[1].entry, by: "dead-worker", idle: 60_000, deliveries: 2)
                let runs = Runs()
                let worker = bench.worker(.notes(runs)) { $0.lease = .seconds(30) }
                try await running(worker) {
                    try await eventually("both are run") { try await bench.length() == 1 }
                }
                #expect(runs[0].map(\.deliveries) == [2])
                #expect(runs[1].map(\.deliveries) == [3])
                #expect(runs[0].map(\.attempt) == [1])
                #expect(runs[2] == [], "its lease has not run out")
                #expect(worker.counts.reclaimed == 2)
            }
        }
    }
}
