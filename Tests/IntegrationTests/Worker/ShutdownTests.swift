import Redis
import ServiceLifecycle
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    @Suite struct ShutdownTests {
        /// A handler that waits at a gate for as long as it may.
        private func waiting(_ runs: Runs, at gate: Gate) -> JobHandlers {
            .notes(runs) { _, _ in
                try await gate.pass()
                return .succeeded()
            }
        }

        @Test func whatRunsIsFinishedAndNothingNewIsBegun() async throws {
            try await withBench { bench in
                let (runs, gate) = (Runs(), Gate())
                try await bench.enqueue(10)
                let worker = bench.worker(waiting(runs, at: gate)) { $0.slots = 4 }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let isStopping = Locked(false)
                    group.addTask {
                        try await running(worker) {
                            try await eventually("four run") { gate.arrived == 4 }
                            isStopping.value = true
                        }
                    }
                    try await eventually("it is told to stop") { isStopping.value }
                    try await eventually("its reader has left") {
                        try await bench.readers(of: worker).isEmpty
                    }
                    gate.open()
                    try await group.waitForAll()
                }
                #expect(runs.total == 4)
                #expect(worker.counts.done == 4)
                #expect(try await bench.length() == 6)
                #expect(try await bench.pending().isEmpty)
                #expect(try await !bench.consumers().contains(worker.consumer))
                #expect(try await !bench.redis.exists(bench.keys.worker(worker.consumer)))
            }
        }

        @Test func whatOutlastsTheDrainIsCancelledHandedBackAndTakenByAnother() async throws {
            try await withBench { bench in
                let (runs, gate) = (Runs(), Gate())
                try await bench.enqueue(3)
                let first = bench.worker(waiting(runs, at: gate)) { $0.drain = .milliseconds(50) }
                try await running(first) {
                    try await eventually("all run") { gate.arrived == 3 }
                }
                #expect(first.counts.released == 3)
                #expect(first.counts.done == 0)
                #expect(try await bench.pending().allSatisfy { $0.deliveries == 0 && $0.consumer != first.consumer })
                #expect(try await !bench.consumers().contains(first.consumer))
                #expect(try await !bench.redis.exists(bench.keys.worker(first.consumer)))

                let second = bench.worker(.notes(runs)) { $0.lease = .seconds(3600) }
                try await running(second) {
                    try await eventually("all are run, long before any lease ends") { try await bench.isEmpty() }
                }
                for number in 0..<3 {
                    #expect(runs[number].map(\.consumer) == [first.consumer, second.consumer])
                    #expect(runs[number].map(\.deliveries) == [1, 1], "as if the first had never had it")
                    #expect(runs[number].map(\.attempt) == [1, 1])
                }
            }
        }

        @Test func anAttemptThatIgnoresCancellationIsHandedBackWhileItRuns() async throws {
            try await withBench { bench in
                let (runs, gate) = (Runs(), Gate())
                let id = try await bench.enqueue(1)[0]
                let stubborn = JobHandlers.notes(runs) { _, _ in
                    await gate.passStubbornly()
                    return .succeeded(result: "\"late\"")
                }
                let first = bench.worker(stubborn) { $0.drain = .milliseconds(50) }
                try await running(first) {
                    try await eventually("it runs") { gate.arrived == 1 }
                }
                #expect(first.counts.released == 1)
                #expect(try await !bench.consumers().contains(first.consumer))
                let handlers = JobHandlers.notes(runs) { _, _ in .succeeded(result: "\"in time\"") }
                try await running(bench.worker(handlers)) {
                    try await eventually("another has run it") { try await bench.isEmpty() }
                    gate.open()
                }
                #expect(
                    runs[0].map(\.deliveries) == [1, 2], "the second is told that the first may have had its effect")
                #expect(try await bench.client.record(of: id)?.state == .succeeded(result: "\"in time\""))
            }
        }

        /// The first signal lets what runs finish, for as long as it takes; the second does not.
        @Test func aSecondSignalEndsTheDrain() async throws {
            try await withBench { bench in
                let (runs, gate, log, hasStopped) = (Runs(), Gate(), LogLines(), Locked(false))
                try await bench.enqueue(2)
                let worker = bench.worker(waiting(runs, at: gate), logger: log.logger) { $0.drain = .seconds(3600) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await running(worker) {
                            try await eventually("both run") { gate.arrived == 2 }
                        }
                        hasStopped.value = true
                    }
                    try await eventually("it is told to stop") { !log.saying("Stopping").isEmpty }
                    try await eventually("its reader has left") { try await bench.readers(of: worker).isEmpty }
                    #expect(worker.counts.released == 0)
                    worker.skipDrain()
                    try await eventually("it has stopped") { hasStopped.value }
                    gate.open()
                    try await group.waitForAll()
                }
                #expect(worker.counts.released == 2)
                #expect(try await bench.pending().map(\.consumer) == [KeySpace.released, KeySpace.released])
                #expect(try await bench.pending().map(\.deliveries) == [0, 0])
                #expect(try await !bench.redis.exists(bench.keys.worker(worker.consumer)))
            }
        }

        @Test func aWorkerThatIsCancelledWhileItDrainsHandsBackAtOnce() async throws {
            try await withBench { bench in
                let (gate, log, hasStopped) = (Gate(), LogLines(), Locked(false))
                try await bench.enqueue(2)
                let worker = bench.worker(waiting(Runs(), at: gate), logger: log.logger) { $0.drain = .seconds(3600) }
                let group = ServiceGroup(configuration: .init(services: [.init(service: worker)], logger: .quiet))
                let running = Task {
                    try? await group.run()
                    hasStopped.value = true
                }
                try await eventually("both run") { gate.arrived == 2 }
                await group.triggerGracefulShutdown()
                try await eventually("it drains") { !log.saying("Stopping").isEmpty }
                #expect(worker.counts.released == 0)
                running.cancel()
                try await eventually("it has stopped") { hasStopped.value }
                gate.open()
                #expect(worker.counts.released == 2)
                #expect(try await bench.pending().map(\.consumer) == [KeySpace.released, KeySpace.released])
            }
        }

        @Test func skippingTheDrainIsAStopByItself() async throws {
            try await withBench { bench in
                let (gate, hasStopped) = (Gate(), Locked(false))
                try await bench.enqueue(1)
                let worker = bench.worker(waiting(Runs(), at: gate)) { $0.drain = .seconds(3600) }
                let running = Task {
                    await worker.run()
                    hasStopped.value = true
                }
                try await eventually("it runs") { gate.arrived == 1 }
                worker.skipDrain()
                try await eventually("it has stopped") { hasStopped.value }
                gate.open()
                running.cancel()
                #expect(try await bench.pending().map(\.consumer) == [KeySpace.released])
            }
        }

        private struct Failing: Service {
            let gate: Gate

            func run() async throws {
                while gate.arrived == 0 { try await Task.sleep(for: .milliseconds(5)) }  // allowed: between two looks
                throw CancellationError()
            }
        }

        /// The group cancels its services all at once, the connection to the store among them.
        @Test func aServiceThatFailsBesideTheWorkerTakesNothingWithIt() async throws {
            try await withBench { bench in
                let gate = Gate()
                try await bench.enqueue(1)
                let redis = RedisClient(bench.redis.configuration, logger: .quiet)
                let worker = bench.worker(waiting(Runs(), at: gate), redis: redis) { $0.lease = .seconds(3600) }
                let services: [any Service] = [redis, worker, Failing(gate: gate)]
                let group = ServiceGroup(
                    configuration: .init(services: services.map { .init(service: $0) }, logger: .quiet))
                await #expect(throws: (any Error).self) { try await group.run() }
                gate.open()
                #expect(worker.counts.released == 1)
                #expect(try await bench.pending().map(\.consumer) == [KeySpace.released])
                #expect(try await !bench.redis.exists(bench.keys.worker(worker.consumer)))
            }
        }

        @Test func anIdleWorkerStopsAndLeavesNothing() async throws {
            try await withBench { bench in
                let worker = bench.worker(.notes(Runs()))
                try await running(worker) {
                    try await eventually("it reads") { try await bench.isReading(worker) }
                    try await eventually("it shows itself") {
                        try await bench.redis.exists(bench.keys.worker(worker.consumer))
                    }
                }
                #expect(try await bench.consumers() == [])
                #expect(try await bench.readers(of: worker) == [])
                #expect(try await !bench.redis.exists(bench.keys.worker(worker.consumer)))
            }
        }

        /// A second signal, or the group's own time-out: no time to drain is left, but nothing may stay behind.
        @Test func aWorkerThatIsCancelledHandsBackWhatItHolds() async throws {
            try await withBench { bench in
                let (runs, gate) = (Runs(), Gate())
                try await bench.enqueue(2)
                let worker = bench.worker(waiting(runs, at: gate)) { $0.lease = .seconds(3600) }
                let running = Task { await worker.run() }
                defer { running.cancel() }
                try await eventually("both run") { gate.arrived == 2 }
                running.cancel()
                await running.value
                try await eventually("both are handed back") {
                    try await bench.pending().allSatisfy { $0.deliveries == 0 && $0.consumer != worker.consumer }
                }
                gate.open()
            }
        }

        /// What has ended and cannot be settled is not handed back as well, and ignores nothing.
        @Test func aStopWhileTheServerIsAwayEndsAndBlamesNoHandler() async throws {
            let server = try await PrivateRedis()
            try await withBench(on: server, commandTimeout: .milliseconds(500)) { bench in
                let (gate, log, hasEnded) = (Gate(), LogLines(), Locked(false))
                try await bench.enqueue(1)
                let handlers = JobHandlers.notes(Runs()) { _, _ in
                    try await gate.pass()
                    hasEnded.value = true
                    return .succeeded()
                }
                let worker = bench.worker(handlers, logger: log.logger)
                let running = Task { await worker.run() }
                try await eventually("it runs") { gate.arrived == 1 }
                server.freeze()
                gate.open()
                try await eventually("it has ended") { hasEnded.value }
                running.cancel()
                await running.value
                #expect(log.saying("could not be settled").count == 1)
                #expect(log.saying("ignore cancellation").isEmpty)
                #expect(worker.counts.fenced + worker.counts.released == 0)
            }
        }
    }
}
