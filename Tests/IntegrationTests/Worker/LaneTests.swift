import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    /// Lanes, and the slots of several queues, on a live server.
    @Suite struct LaneTests {
        /// What ran, in its order.
        private final class Course: Sendable {
            private let lanes = Locked<[Lane]>([])
            var all: [Lane] { lanes.value }
            func add(_ lane: Lane) { lanes.update { $0.append(lane) } }
        }

        @Test func whatIsUrgentGoesFirstAndTheOthersHaveTheirShare() async throws {
            try await withBench(tracked: false) { bench in
                let course = Course()
                for (number, lane) in Lane.allCases.enumerated() {
                    try await bench.enqueue(200, from: number * 1000, lane: lane)
                }
                let handlers = JobHandlers.notes(Runs()) { _, attempt in
                    course.add(attempt.meta.lane)
                    return .succeeded()
                }
                try await running(bench.worker(handlers) { $0.slots = 1 }) {
                    try await eventually("all are run") { try await bench.isEmpty() }
                }
                let all = course.all
                #expect(all.count == 600)
                // Normal has a fifth of what high had, low a tenth of what those had; and what the first reads gave,
                // which did not know yet that there is more.
                let lastHigh = try #require(all.lastIndex(of: .high))
                let whileHigh = all[..<lastHigh]
                #expect((20...60).contains(whileHigh.count { $0 == .normal }), "a fifth of 200")
                #expect((10...40).contains(whileHigh.count { $0 == .low }), "a tenth of 240")
                let lastNormal = try #require(all.lastIndex(of: .normal))
                #expect(lastNormal > lastHigh)
                #expect(all[lastNormal...].count { $0 == .low } > 100, "the rest of low is last")
            }
        }

        /// Each urgent job that runs enqueues the next: there are always a hundred of them.
        @Test func lowIsWorkedOffThoughHighNeverRunsDry() async throws {
            try await withBench(tracked: false) { bench in
                let (course, low) = (Course(), 30)
                try await bench.enqueue(low, lane: .low)
                try await bench.enqueue(100, from: 1000, lane: .high)
                let handlers = JobHandlers.notes(Runs()) { note, attempt in
                    course.add(attempt.meta.lane)
                    let isOver = course.all.count { $0 == .low } == low
                    if attempt.meta.lane == .high, !isOver {
                        try await bench.enqueue(1, from: note.number + 1, lane: .high)
                    }
                    return .succeeded()
                }
                try await running(bench.worker(handlers) { $0.slots = 2 }) {
                    try await eventually("all are run") { try await bench.isEmpty() }
                }
                let all = course.all
                #expect(all.count { $0 == .low } == low)
                let lastLow = try #require(all.lastIndex(of: .low))
                #expect(all[..<lastLow].count { $0 == .high } <= low * 12, "every tenth is of low")
                #expect(all[..<lastLow].count { $0 == .high } >= low * 5, "but no more than that")
            }
        }

        /// One slow endpoint must not stand before all others.
        @Test func aQueueWhoseSlotsAreFullHoldsUpNoOther() async throws {
            try await withBench { bench in
                let (runs, gate, quick) = (Runs(), Gate(), JobQueue("quick"))
                let handlers = JobHandlers.notes(runs) { _, attempt in
                    if attempt.queue == "work" { try await gate.pass() }
                    return .succeeded()
                }
                let worker = bench.worker(handlers, queues: [quick]) {
                    $0.slots = 1
                    $0.slotsByQueue = ["work": 3]
                }
                try await bench.enqueue(10)
                try await running(worker) {
                    try await eventually("its slots are full") { gate.arrived == 3 }
                    let others = try (100..<120).map { try NewJob(Note(number: $0), queue: quick) }
                    _ = await bench.client.enqueue(others)
                    try await eventually("the other queue is worked off") { runs.count == 23 }
                    #expect(gate.arrived == 3)
                    #expect(try await bench.pending().count == 3)
                    gate.open()
                    try await eventually("all are run") { runs.count == 30 }
                }
                #expect(runs.total == 30)
            }
        }
    }
}
