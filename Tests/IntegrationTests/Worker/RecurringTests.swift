import Redis
import TestSupport
import Testing

@testable import JobRuntime

@Suite struct RecurringTests {
    private static let interval: Int64 = 40

    /// A schedule whose jobs carry their tick.
    private func schedule(_ bench: Bench, missed: MissedTicks = .all(limit: 1000)) throws -> RecurringJob {
        let queue = bench.queue
        return RecurringJob("report", try .every(.milliseconds(Self.interval)), missed: missed) { tick in
            try NewJob(Note(number: Int(tick)), queue: queue)
        }
    }

    private func worker(_ bench: Bench, _ job: RecurringJob, _ runs: Runs) -> Worker {
        Worker(
            queues: [bench.queue], handlers: .notes(runs), recurring: [job], store: JobStore(bench.store),
            logger: .quiet)
    }

    private func ticks(_ runs: Runs, from first: Int64, through last: Int64) -> [Int] {
        stride(from: first, through: last, by: Int(Self.interval)).map { runs[Int($0)].count }
    }

    private func lastTick(_ bench: Bench) async throws -> Int64 {
        try await bench.redis.ask("HGET", bench.keys.schedules, "report").int ?? 0
    }

    @Test func eachTickIsRunOnceHoweverManyWorkersThereAre() async throws {
        try await withBench { bench in
            let (runs, job) = (Runs(), try schedule(bench))
            let start = try await bench.redis.now()
            let leader = worker(bench, job, runs)
            try await running(leader) {
                try await running(worker(bench, job, runs), worker(bench, job, runs)) {
                    try await eventually("ten ticks") { runs.count >= 10 }
                }
                // Two of three are gone; nobody had to be elected.
                let seen = runs.count
                try await eventually("ten more") { runs.count >= seen + 10 }
            }
            let last = try await lastTick(bench)
            try await running(worker(bench, job, runs)) {
                try await eventually("what was enqueued is done") { try await bench.isEmpty() }
            }
            #expect(start < last)
            let first = try #require(runs.numbers.min().map(Int64.init))
            let counts = ticks(runs, from: first, through: last - Self.interval)
            #expect(counts.allSatisfy { $0 <= 1 })
            #expect(runs.total == runs.count, "no tick twice")
            #expect(counts.count { $0 == 0 } == 0, "no tick is left out between the first and the last")
        }
    }

    @Test func ofWhatWasMissedOnlyTheLatestRuns() async throws {
        try await withBench { bench in
            let (runs, job) = (Runs(), try schedule(bench, missed: .latest))
            let now = try await bench.redis.now()
            let missed = now - now % Self.interval - 1000 * Self.interval
            try await bench.redis.ask("HSET", bench.keys.schedules, "report", "\(missed)")
            try await running(worker(bench, job, runs)) {
                try await eventually("it runs") { runs.count >= 1 }
            }
            let first = try #require(runs.numbers.min().map(Int64.init))
            #expect(first >= now - now % Self.interval, "none of the thousand before")
        }
    }

    @Test func theFirstStartMakesUpForNothing() async throws {
        try await withBench { bench in
            let (runs, job) = (Runs(), try schedule(bench))
            let start = try await bench.redis.now()
            try await running(worker(bench, job, runs)) {
                try await eventually("it runs") { runs.count >= 1 }
            }
            #expect(runs.numbers.allSatisfy { Int64($0) > start })
        }
    }

    @Test func aJobThatCannotBeMadeIsTriedAgain() async throws {
        try await withBench { bench in
            struct NotYet: Error {}
            let (runs, tries, queue) = (Runs(), Locked(0), bench.queue)
            let job = RecurringJob("report", try .every(.milliseconds(Self.interval))) { tick in
                let number = tries.update { count in
                    count += 1
                    return count
                }
                guard number > 1 else { throw NotYet() }
                return try NewJob(Note(number: Int(tick)), queue: queue)
            }
            try await running(worker(bench, job, runs)) {
                try await eventually("it runs") { runs.count >= 1 }
            }
            #expect(tries.value > 1)
        }
    }
}
