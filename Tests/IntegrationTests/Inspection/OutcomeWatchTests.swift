import Logging
import Redis
import ServiceLifecycle
import TestSupport
import Testing

@testable import JobRuntime

/// Who waits for outcomes learns of them.
@Suite(.timeLimit(.minutes(5))) struct OutcomeWatchTests {
    /// Runs a body beside a watch on a server of its own: its connections and commands are counted.
    ///
    /// - Parameter pause: between the looks at all; an hour: only events tell.
    private func withWatch(
        on server: PrivateRedis? = nil, capacity: Int = 10_000, pause: Duration = .seconds(3600),
        commandTimeout: Duration = .seconds(20), _ body: (OutcomeWatch, Bench) async throws -> Void
    ) async throws {
        let server = if let server { server } else { try await PrivateRedis() }
        try await withBench(on: server, commandTimeout: commandTimeout) { bench in
            let watch = OutcomeWatch(
                redis: bench.redis, keys: bench.keys, capacity: capacity, pause: pause, logger: .quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await watch.run() }
                defer { group.cancelAll() }
                try await body(watch, bench)
            }
        }
    }

    private static func isDone(_ record: JobRecord) -> Bool { record.state.isSuccess }

    private func follows(_ bench: Bench) async throws -> Int {
        let clients = try await bench.redis.ask("CLIENT", "LIST").string ?? ""
        return clients.split(separator: "\n").count {
            $0.contains(" name=posthaste-tail ") && $0.contains(" cmd=xread ")
        }
    }

    /// How often commands were called since the counts were reset.
    private func calls(of command: String, _ bench: Bench) async throws -> Int {
        let stats = try await bench.redis.ask("INFO", "commandstats").string ?? ""
        let match = try stats.firstMatch(of: Regex("cmdstat_\(command):calls=(\\d+)"))
        return match?.output[1].substring.flatMap { Int($0) } ?? 0
    }

    @Test func theEventOfTheSettlementEndsTheWait() async throws {
        try await withWatch { watch, bench in
            let held = try await bench.delivered(1, to: "a")[0]
            let job = held.job
            async let outcome = watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone)
            try await eventually("it watches") { try await follows(bench) == 1 }
            _ = try await bench.settle([(held, .done)], by: "a")
            #expect(try await outcome?.state == .succeeded(result: nil))
        }
    }

    @Test func whatHappenedBeforeIsSeenAtOnce() async throws {
        try await withWatch { watch, bench in
            let held = try await bench.delivered(1, to: "a")[0]
            let job = held.job
            _ = try await bench.settle([(held, .done)], by: "a")
            let outcome = try await watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone)
            #expect(outcome?.id == job)
        }
    }

    @Test func oneMayWaitForAJobThatIsYetToBeEnqueued() async throws {
        try await withWatch { watch, bench in
            let job = try bench.notes(1)[0]
            async let outcome = watch.outcome(of: job.id, within: .seconds(100)) { $0.state == .queued }
            try await eventually("it watches") { try await follows(bench) == 1 }
            _ = try await bench.client.enqueue(job)
            #expect(try await outcome?.id == job.id)
        }
    }

    @Test func anEventThatIsMissedIsMadeUpFor() async throws {
        try await withWatch(pause: .milliseconds(50)) { watch, bench in
            let held = try await bench.delivered(1, to: "a")[0]
            let job = held.job
            async let outcome = watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone)
            try await eventually("it watches") { try await follows(bench) == 1 }
            try await bench.redis.ask("DEL", bench.keys.tail)
            _ = try await bench.settle([(held, .done)], by: "a")
            #expect(try await outcome?.state == .succeeded(result: nil))
        }
    }

    @Test func whenTheTimeIsUpTheRecordIsAsItIs() async throws {
        try await withWatch { watch, bench in
            let job = try await bench.enqueue(1)[0]
            for limit in [Duration.milliseconds(100), .zero, .seconds(-1)] {
                let outcome = try await watch.outcome(of: job, within: limit, isSettled: Self.isDone)
                #expect(outcome?.state == .queued)
                #expect(try await watch.outcome(of: JobID(), within: limit, isSettled: Self.isDone) == nil)
            }
        }
    }

    @Test func aThousandShareOneConnectionAndFewCommands() async throws {
        try await withWatch(pause: .seconds(1)) { watch, bench in
            let held = try await bench.delivered(1000, to: "a")
            try await bench.redis.ask("CONFIG", "RESETSTAT")
            try await withThrowingTaskGroup(of: JobRecord?.self) { group in
                for job in held.map(\.job) {
                    group.addTask { try await watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone) }
                }
                try await eventually("all are looked at") { try await calls(of: "hmget", bench) >= 1000 }
                try await eventually("it watches") { try await follows(bench) == 1 }
                let began = ContinuousClock.now
                for start in stride(from: 0, to: 1000, by: 100) {
                    _ = try await bench.settle(held[start..<start + 100].map { ($0, .done) }, by: "a")
                }
                var done = 0
                while let outcome = try await group.next() { done += outcome?.state.isSuccess == true ? 1 : 0 }
                #expect(done == 1000)
                // One look at each when it comes, one when the events begin, one at its event, and each second one at
                // those that are left; and the whole record once.
                let seconds = Int(began.duration(to: .now) / .seconds(1))
                let looks = try await calls(of: "hmget", bench)
                #expect(looks <= 3000 + 1000 * (seconds + 3), "\(looks) looks in \(seconds) s")
                #expect(try await calls(of: "hgetall", bench) == 1000)
                #expect(try await follows(bench) <= 1)
            }
        }
    }

    @Test func noMoreWaitThanMayAndWhoIsCancelledWaitsNoLonger() async throws {
        try await withWatch(capacity: 2) { watch, bench in
            let job = try await bench.enqueue(1)[0]
            let asked = Locked<Set<Int>>([])
            let waiters = (0..<2).map { number in
                Task {
                    try await watch.outcome(of: job, within: .seconds(100)) { _ in
                        asked.update { _ = $0.insert(number) }
                        return false
                    }
                }
            }
            try await eventually("two wait") { asked.value.count == 2 }
            let error = await #expect(throws: StoreError.self) {
                try await watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone)
            }
            #expect(error?.code == .busy)
            waiters[0].cancel()
            _ = await waiters[0].result
            #expect(try await watch.outcome(of: job, within: .zero, isSettled: Self.isDone)?.id == job)
            waiters[1].cancel()
            _ = await waiters[1].result
        }
    }

    @Test func whileNobodyWaitsNothingIsReadOrWritten() async throws {
        try await withWatch { watch, bench in
            let job = try await bench.enqueue(1)[0]
            #expect(try await follows(bench) == 0)
            #expect(try await !bench.redis.exists(bench.keys.tail))
            async let outcome = watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone)
            try await eventually("it watches") { try await follows(bench) == 1 }
            let held = try await bench.deliver(1, to: "a")
            _ = try await bench.settle([(held[0], .done)], by: "a")
            _ = try await outcome
            try await eventually("it watches no longer") { try await follows(bench) == 0 }
            try await eventually("nothing is written any more") { try await !bench.redis.exists(bench.keys.tail) }
            try await bench.redis.ask("CONFIG", "RESETSTAT")
            try await bench.enqueue(1, from: 1)
            #expect(try await calls(of: "hgetall", bench) + calls(of: "xread", bench) == 0)

            // And it begins again.
            async let again = watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone)
            #expect(try await again?.id == job)
        }
    }

    @Test func aServerThatDiesAndComesBackIsAskedOn() async throws {
        let server = try await PrivateRedis()
        try await withWatch(on: server, pause: .milliseconds(200), commandTimeout: .seconds(5)) { watch, bench in
            let held = try await bench.delivered(1, to: "a")[0]
            let job = held.job
            async let outcome = watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone)
            try await eventually("it watches") { try await follows(bench) == 1 }
            await server.kill()
            try await server.start()
            try await eventually("it is back") { (try? await bench.redis.ask("PING")) != nil }
            _ = try await bench.settle([(held, .done)], by: "a")
            #expect(try await outcome?.state == .succeeded(result: nil))
        }
    }

    /// However long a command may take.
    @Test(arguments: [true, false])
    func whereRedisStaysAwayTheWaitEndsWithTheError(freezes: Bool) async throws {
        let server = try await PrivateRedis()
        try await withWatch(on: server, commandTimeout: .seconds(600)) { watch, bench in
            let job = try await bench.enqueue(1)[0]
            if freezes { server.freeze() } else { await server.kill() }
            let error = await #expect(throws: StoreError.self) {
                try await watch.outcome(of: job, within: .milliseconds(500), isSettled: Self.isDone)
            }
            #expect(error?.code == .unavailable)
            server.thaw()
        }
    }

    @Test func whenItIsToldToStopEverybodysTimeIsUp() async throws {
        try await withBench(on: PrivateRedis()) { bench in
            let watch = OutcomeWatch(redis: bench.redis, keys: bench.keys, logger: .quiet)
            let group = ServiceGroup(configuration: .init(services: [.init(service: watch)], logger: .quiet))
            let service = Task { try await group.run() }
            let job = try await bench.enqueue(1)[0]
            let waiter = Task { try await watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone) }
            try await eventually("it watches") { try await follows(bench) == 1 }
            await group.triggerGracefulShutdown()
            #expect(try await waiter.value?.state == .queued)
            try await service.value
            let late = try await watch.outcome(of: job, within: .seconds(100), isSettled: Self.isDone)
            #expect(late?.state == .queued)
        }
    }
}
