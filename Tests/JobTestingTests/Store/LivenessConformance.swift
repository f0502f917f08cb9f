import JobRuntime
import Testing

extension Conformance {
    /// Heartbeats, and the consumers that killed workers leave; and pausing.
    @Suite struct Liveness {
        @Test(arguments: Ground.allCases)
        func aHeartbeatTellsTheTime(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let before = try await bench.now()
                let told = try await bench.store.beat([("host", "here")], of: "a", life: .seconds(15))
                #expect(try await (before...bench.now()).contains(told))
            }
        }

        @Test(arguments: Ground.allCases)
        func aConsumerWithoutAHeartbeatIsSweptOnceItHoldsNothing(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered(to: "dead")
                #expect(try await bench.store.sweep(bench.queue) == [], "it holds a job")
                #expect(try await bench.settle(.done(result: ""), job, by: "dead") == [.settled])
                #expect(try await bench.store.sweep(bench.queue) == ["dead"])
                #expect(try await bench.store.sweep(bench.queue) == [])
            }
        }

        @Test(arguments: Ground.allCases)
        func aConsumerThatLivesIsNot(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.store.beat([("host", "here")], of: "live", life: .seconds(60))
                _ = try await bench.store.beat([("host", "here")], of: "brief", life: .milliseconds(50))
                for consumer in ["live", "brief"] {
                    _ = try await bench.settle(.done(result: ""), bench.delivered(to: consumer), by: consumer)
                }
                try await bench.pass(50)
                #expect(try await bench.store.sweep(bench.queue) == ["brief"])
                try await bench.store.endHeartbeat(of: "live")
                #expect(try await bench.store.sweep(bench.queue) == ["live"])
            }
        }

        /// Whoever that was: a worker that dies leaves consumers behind, nobody does not.
        @Test(arguments: Ground.allCases)
        func whatWasHandedBackIsNobodysToSweep(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.release(isUntouched: true), bench.delivered(to: "a"))
                #expect(try await bench.store.sweep(bench.queue) == ["a"])
                let taken = try await bench.reclaim(by: "b", cursors: nil).delivered
                #expect(taken.count == 1)
                _ = try await bench.settle(.done(result: ""), taken, by: "b")
                #expect(try await bench.store.sweep(bench.queue) == ["b"])
            }
        }

        @Test(arguments: Ground.allCases)
        func aConsumerThatLeavesIsGoneUnlessItHoldsSomething(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.done(result: ""), bench.delivered(to: "a"))
                try await bench.store.leave(bench.queue, consumer: "a")
                #expect(try await bench.store.sweep(bench.queue) == [], "it left by itself")

                let held = try await bench.delivered(to: "b")
                try await bench.store.leave(bench.queue, consumer: "b")
                #expect(
                    try await bench.settle(.done(result: ""), held, by: "b") == [.settled], "it was not thrown away")
                #expect(try await bench.store.sweep(bench.queue) == ["b"])
            }
        }

        @Test(arguments: Ground.allCases)
        func aPausedQueueGivesNothingUpToBeTakenOver(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.release(isUntouched: true), bench.delivered(to: "a"))
                try await bench.store.pause("work", true)
                try await bench.store.pause("another", true)
                #expect(try await bench.store.pausedQueues() == ["another", "work"])
                let paused = try await bench.reclaim(by: "b", cursors: nil)
                #expect(paused.isPaused)
                #expect(paused.delivered.isEmpty)

                try await bench.store.pause("work", false)
                #expect(try await bench.store.pausedQueues() == ["another"])
                let resumed = try await bench.reclaim(by: "b", cursors: nil)
                #expect(!resumed.isPaused)
                #expect(resumed.delivered.count == 1)
            }
        }
    }
}
