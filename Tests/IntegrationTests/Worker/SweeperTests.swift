import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    /// What workers clear up behind others.
    @Suite struct SweeperTests {
        /// A worker whose queue is paused: it sweeps, and takes nothing over.
        @Test func onlyConsumersOfTheDeadThatHoldNothingAreRemoved() async throws {
            try await withBench { bench in
                let (clock, log) = (LookClock(faster: 1), LogLines())
                try await JobStore(bench.store).pause("work")
                let held = try await bench.delivered(1, to: "dead-holding")[0]
                let handedBack = try await bench.delivered(1, to: "dead-released")
                #expect(try await bench.release(handedBack, by: "dead-released") == [.settled])
                for consumer in ["dead-empty", "living"] {
                    for lane in Lane.allCases {
                        try await bench.redis.ask(
                            "XGROUP", "CREATECONSUMER", bench.stream(lane), KeySpace.group, consumer)
                    }
                }
                _ = try await bench.store.beat([("host", "here")], of: "living", life: .seconds(3600))
                let worker = bench.worker(.notes(Runs()), logger: log.logger) {
                    $0.sweepInterval = .milliseconds(20)
                    $0.clock = clock
                }
                try await running(worker) {
                    try await eventually("the empty ones are gone") {
                        try await Set(bench.consumers()) == ["dead-holding", "living", KeySpace.released]
                    }
                    let sweeps = clock.sleeps(upTo: .milliseconds(20))
                    try await eventually("it has swept again") { clock.sleeps(upTo: .milliseconds(20)) > sweeps + 3 }
                    #expect(
                        try await Set(bench.consumers()) == ["dead-holding", "living", KeySpace.released])
                    #expect(try await bench.consumers(.high) == ["living"])
                    #expect(try await bench.pending().map(\.consumer) == ["dead-holding", KeySpace.released])
                    #expect(try await bench.pending().map(\.deliveries) == [1, 0])

                    #expect(try await bench.settle([(held, .done)], by: "dead-holding") == [.settled])
                    try await eventually("it holds nothing any more, and is gone") {
                        try await !bench.consumers().contains("dead-holding")
                    }
                    try await bench.store.endHeartbeat(of: "living")
                    try await eventually("it lives no more, and is gone") {
                        try await bench.consumers() == [KeySpace.released]
                    }
                }
                let told = log.saying("Removed the consumers").compactMap { $0.metadata["consumers"] }.joined()
                #expect(["dead-holding", "dead-released", "dead-empty", "living"].allSatisfy { told.contains($0) })
                #expect(!told.contains(KeySpace.released))
            }
        }

        /// By its age, and never silently.
        @Test func aLetterIsDroppedWhenItIsOldEnoughAndTheLogSaysWhich() async throws {
            try await withBench { bench in
                let (log, old, hour) = (LogLines(), JobID(), Int64(3_600_000))
                for age in [hour + 1000, hour - 600_000] {
                    let died = try await bench.redis.now() - age
                    try await bench.redis.ask(
                        "XADD", bench.keys.dead("work"), "*", "id", "\(age > hour ? old : JobID())", "kind", "note",
                        "attempt", "5", "at", "\(died)", "payload", "{\"number\":1}", "meta", "{}", "reason",
                        "exhausted", "error", "the line was busy", "died_at", "\(died)")
                }
                let worker = bench.worker(.notes(Runs()), logger: log.logger) {
                    $0.sweepInterval = .milliseconds(20)
                    $0.deadRetention = .milliseconds(hour)
                }
                try await running(worker) {
                    try await eventually("the old one is dropped") { try await bench.deadCount() == 1 }
                    try await eventually("it is counted") { worker.counts.dropped == 1 }
                }
                let letters = try await bench.entries(bench.keys.dead("work"))
                #expect(letters.map { $0["id"] } != ["\(old)"])
                let lines = log.saying("A dead letter was dropped")
                #expect(lines.map(\.level) == ["warning"])
                #expect(lines.map { $0.metadata["job"] } == ["\(old)"])
                #expect(lines.map { $0.metadata["reason"] } == ["exhausted"])
                #expect(lines.map { $0.metadata["error"] } == ["the line was busy"])
            }
        }
    }
}
