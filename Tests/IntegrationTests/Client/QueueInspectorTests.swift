import Redis
import TestSupport
import Testing

@testable import JobRuntime

@Suite struct QueueInspectorTests {
    private func look(_ bench: Bench) async throws -> QueuePending {
        try await QueueInspector(redis: bench.redis, keys: bench.keys).pending(of: "work")
    }

    @Test func aQueueThatNobodyHasUsedIsEmpty() async throws {
        try await withBench { bench in
            let empty = QueuePending(
                queue: "work", depth: 0, pending: 0, retrying: 0, dead: 0, oldestAge: nil, consumers: [])
            let found = try await look(bench)
            #expect(found == empty)
            #expect(try await !bench.redis.exists(bench.stream), "looking makes nothing")
        }
    }

    @Test func jobsBeforeTheFirstWorkerAreDepth() async throws {
        try await withBench { bench in
            try await bench.enqueue(5)
            let first = try #require(
                try await bench.redis.ask("XRANGE", bench.stream, "-", "+").array?.first?.array?[0].bytes)
            let entry = try #require(EntryID(first))
            try await eventually("time passes") { try await bench.redis.now() > Int64(entry.milliseconds) + 20 }
            let queue = try await look(bench)
            #expect(queue.depth == 5)
            #expect(queue.pending == 0)
            #expect(queue.consumers == [])
            #expect(try #require(queue.oldestAge) >= 20)
        }
    }

    @Test func everyJobIsCountedWhereItIs() async throws {
        try await withBench { bench in
            try await bench.enqueue(20)
            let ours = try await bench.deliver(5, to: "a")
            let theirs = try await bench.deliver(3, to: "b")
            try await bench.claim(theirs[1].entry, by: "b", idle: 70_000, deliveries: 2)
            try await bench.redis.ask("HSET", bench.keys.worker("a"), "host", "here")
            _ = try await bench.settle(
                [
                    (ours[0], .done(result: "")), (ours[1], .retry(after: .seconds(60))),
                    (ours[2], .dead()),
                ], by: "a")
            let queue = try await look(bench)
            #expect(queue.depth == 12)
            #expect(queue.pending == 5)
            #expect(queue.retrying == 1)
            #expect(queue.dead == 1)
            #expect(queue.consumers.map(\.name) == ["b", "a"], "the longest silent first")
            #expect(queue.consumers.map(\.pending) == [3, 2])
            #expect(queue.consumers.map(\.deliveries) == [2, 1])
            #expect(queue.consumers.map(\.isAlive) == [false, true])
            #expect(try #require(queue.consumers[0].idle) >= 70_000)
            #expect(try #require(queue.consumers[1].idle) < 70_000)
        }
    }

    @Test func aConsumerThatHoldsNothingHasNoIdleTime() async throws {
        try await withBench { bench in
            let job = try await bench.delivered(1, to: "a")[0]
            _ = try await bench.settle([(job, .done(result: ""))], by: "a")
            let consumers = try await look(bench).consumers
            #expect(
                consumers == [ConsumerPending(name: "a", pending: 0, idle: nil, deliveries: nil, isAlive: false)])
        }
    }
}
