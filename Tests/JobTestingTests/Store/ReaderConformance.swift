import JobRuntime
import JobTesting
import TestSupport
import Testing

extension Conformance {
    @Suite struct Reading {
        @Test(arguments: Ground.allCases)
        func aReadGivesOfEachLaneUpToItsCount(ground: Ground) async throws {
            try await withStore(ground) { bench in
                for lane in Lane.allCases { try await bench.enqueue((0..<3).map { try bench.note($0, lane: lane) }) }
                try await bench.withReader("a") { reader in
                    let delivered = try await reader.read([LaneRead(.low, 1), LaneRead(.high, 2)])
                    #expect(delivered.map(\.entry.lane) == [.low, .high, .high])
                    let rest = try await reader.wait(2, for: .seconds(3600))
                    #expect(rest.map(\.entry.lane) == [.high, .normal, .normal, .low, .low])
                }
            }
        }

        @Test(arguments: Ground.allCases)
        func eachEntryIsDeliveredToOneReader(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try (0..<4).map { try bench.note($0) }
                try await bench.enqueue(jobs)
                let first = try await bench.deliver(3, to: "a")
                let second = try await bench.deliver(3, to: "b")
                #expect((first + second).map(\.job) == jobs.map(\.id))
                #expect(second.count == 1)
            }
        }

        /// The group begins at the beginning.
        @Test(arguments: Ground.allCases)
        func whatWasEnqueuedBeforeTheFirstReaderCameIsRead(ground: Ground) async throws {
            try await withStore(ground) { bench in
                try await bench.enqueue(bench.note())
                #expect(try await bench.deliver(3, to: "a").count == 1)
            }
        }

        enum Arrival: CaseIterable, Sendable { case enqueued, promoted, redriven }

        @Test(arguments: Ground.allCases, Arrival.allCases)
        func aWaitEndsWhenSomethingComes(ground: Ground, arrival: Arrival) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(2)
                _ = try await bench.settle(.retry(), [jobs[0]])
                _ = try await bench.settle(.dead, [jobs[1]])
                try await bench.withReader("b") { reader in
                    async let waiting = reader.wait(5, for: .seconds(3600))
                    if let clock = bench.clock {
                        try await eventually("it waits") { clock.sleepers == 1 }
                    }
                    switch arrival {
                    case .enqueued: try await bench.enqueue(bench.note(lane: .low))
                    case .promoted: try await bench.promote(.retry)
                    case .redriven: _ = try await bench.store.redrive(bench.letters(), of: "work")
                    }
                    #expect(try await waiting.count == 1)
                }
            }
        }

        @Test(arguments: Ground.allCases)
        func aWaitEndsWithNothingWhenTheTimeIsUp(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let delivered = try await bench.asTimePasses {
                    try await bench.withReader("a") { try await $0.wait(5, for: .milliseconds(50)) }
                }
                #expect(delivered.isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func aWaitCanBeEnded(ground: Ground) async throws {
            try await withStore(ground) { bench in
                try await bench.withReader("a") { reader in
                    let hasEnded = Locked(false)
                    async let waiting = {
                        let delivered = try await reader.wait(5, for: .seconds(3600))
                        hasEnded.value = true
                        return delivered
                    }()
                    // Again and again: it may only be about to begin.
                    try await eventually("it has ended") {
                        await reader.unblock()
                        return hasEnded.value
                    }
                    #expect(try await waiting.isEmpty)
                }
            }
        }
    }
}
