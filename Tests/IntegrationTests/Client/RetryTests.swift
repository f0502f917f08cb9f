import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Of all that is done to a job at the same time as a retry, one has its effect.
@Suite(.timeLimit(.minutes(5))) struct RetryTests {
    @Test func amongRetriesACancelAndAPromoterOneWins() async throws {
        try await withBench { bench in
            try await bench.makeGroups()
            for _ in 0..<40 {
                let held = try await bench.delivered(1, to: "a")[0]
                let job = held.job
                #expect(try await bench.settle([(held, .retry(after: .seconds(60)))], by: "a") == [.settled])
                async let first = bench.client.retry(job)
                async let second = bench.client.retry(job)
                async let promotion = bench.promote()
                async let cancellation = bench.client.cancel(job)
                async let third = bench.client.retry(job)
                let retrials = try await [first, second, third]
                let isCanceled = try await cancellation == .canceled
                let moved = try await promotion.moved + bench.promote().moved
                #expect(retrials.count { $0 == .hastened } <= 1)
                #expect(isCanceled, "it waits, wherever it is")
                #expect(try await bench.length() == 0)
                #expect(moved <= 1)
                #expect(try await bench.retryCount() == 0)
                #expect(
                    retrials.allSatisfy { [.hastened, .queued, .ended(state: "canceled")].contains($0) }, "\(retrials)")
                #expect(try await bench.client.record(of: job)?.state == .canceled)
            }
        }
    }

    @Test func amongRetriesAndAPromoterTheJobIsQueuedOnce() async throws {
        try await withBench { bench in
            for round in 1...20 {
                let held = try await bench.delivered(1, to: "a")[0]
                let job = held.job
                _ = try await bench.settle([(held, .retry(after: .seconds(60)))], by: "a")
                let retrials = try await withThrowingTaskGroup(of: Retrial?.self) { group in
                    for _ in 0..<6 { group.addTask { try await bench.client.retry(job) } }
                    for _ in 0..<3 {
                        group.addTask {
                            try await bench.promote()
                            return nil
                        }
                    }
                    return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
                }
                #expect(retrials.count { $0 == .hastened } == 1)
                #expect(retrials.count { $0 == .queued } == 5)
                try await bench.promote()
                #expect(try await bench.length() == 1, "round \(round)")
                let again = try await bench.deliver(1, to: "a")[0]
                #expect((again.job, again.attempt) == (job, 2))
                _ = try await bench.settle([(again, .done)], by: "a")
            }
        }
    }

    @Test func amongRetriesOfADeadJobOneRedrivesIt() async throws {
        try await withBench(events: true) { bench in
            for _ in 0..<20 {
                let held = try await bench.delivered(1, to: "a")[0]
                let job = held.job
                _ = try await bench.settle([(held, .dead())], by: "a")
                let retrials = try await withThrowingTaskGroup(of: Retrial.self) { group in
                    for _ in 0..<8 { group.addTask { try await bench.client.retry(job) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(retrials.count { $0 == .redriven } == 1)
                #expect(retrials.count { $0 == .queued } == 7)
                #expect(try await bench.length() == 1)
                #expect(try await bench.deadCount() == 0)
                let again = try await bench.deliver(1, to: "a")[0]
                _ = try await bench.settle([(again, .done)], by: "a")
            }
            #expect(try await bench.events().count { $0 == "redriven" } == 20)
        }
    }

    @Test func aWorkerTakesItInThePromotersNextRound() async throws {
        try await withBench { bench in
            let runs = Runs()
            let handlers = JobHandlers.notes(runs) { _, attempt in
                attempt.number == 1 ? .retry(error: "busy", after: .seconds(3600)) : .succeeded()
            }
            try await running(bench.worker(handlers)) {
                let job = try await bench.enqueue(1)[0]
                try await eventually("it waits for an hour") {
                    if case .retrying = try await bench.client.record(of: job)?.state { true } else { false }
                }
                #expect(try await bench.client.retry(job) == .hastened)
                try await eventually("it is done") {
                    try await bench.client.record(of: job)?.state.isSuccess == true
                }
                #expect(runs[0].map(\.attempt) == [1, 2])
            }
        }
    }

    @Test func ofWhichTooLittleIsLeftIsNotRedriven() async throws {
        try await withBench { bench in
            let held = try await bench.delivered(1, to: "a")[0]
            let job = held.job
            _ = try await bench.settle([(held, .dead())], by: "a")
            try await bench.redis.ask("DEL", bench.keys.dead("work"))
            #expect(try await bench.client.retry(job) == .ended(state: "dead"))

            let other = try await bench.delivered(1, to: "a")[0]
            let lost = other.job
            _ = try await bench.settle([(other, .retry(after: .seconds(60)))], by: "a")
            try await bench.redis.ask("DEL", bench.keys.retry("work"))
            #expect(try await bench.client.retry(lost) == .notFound)
            #expect(try await bench.length() == 0)
        }
    }
}
