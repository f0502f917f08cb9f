import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// How a consumer reads and acknowledges events.
@Suite(.timeLimit(.minutes(5))) struct EventGroupTests {
    @Test func whatWasWrittenBeforeTheFirstConsumerCameIsReadInOrderAndOnce() async throws {
        try await withBench { bench in
            try await bench.write(5)
            let (a, b) = (bench.ledger("a"), bench.ledger("b"))
            let first = try await a.read(count: 3, wait: .zero)
            let second = try await b.read(count: 10, wait: .seconds(5))
            #expect(first.map(\.number) == [0, 1, 2])
            #expect(second.map(\.number) == [3, 4])
            #expect(try await a.read(count: 10, wait: .zero).isEmpty)
            let positions = (first + second).map(\.id.position)
            #expect(Set(positions).count == 5 && positions == positions.sorted())
            #expect(try await bench.eventConsumers() == ["a": 3, "b": 2])
            await a.close()
            await b.close()
        }
    }

    @Test func aReadWaitsForTheFirst() async throws {
        try await withBench { bench in
            let group = bench.ledger("waits-\(JobID())")
            async let read = group.read(count: 10, wait: .seconds(60))
            try await eventually("the group is there") { try await bench.redis.exists(bench.keys.events) }
            let first = try await read
            #expect(first.isEmpty, "a group that has just been made is read without waiting")
            async let next = group.read(count: 10, wait: .seconds(60))
            try await eventually("it waits") { try await bench.waiting(group.consumer).count == 1 }
            try await bench.write(1)
            #expect(try await next.map(\.number) == [0])
            await group.close()
        }
    }

    @Test func aReadThatWaitsIsEnded() async throws {
        try await withBench { bench in
            let group = bench.ledger("ended-\(JobID())")
            _ = try await group.read(count: 1, wait: .zero)
            async let read = group.read(count: 1, wait: .seconds(60))
            try await eventually("it waits") { try await bench.waiting(group.consumer).count == 1 }
            await group.unblock()
            #expect(try await read.isEmpty)
            try await bench.write(1)
            #expect(try await group.read(count: 1, wait: .seconds(60)).count == 1)
            await group.leave()
            try await eventually("its connection is gone") {
                try await bench.redis.ask("CLIENT", "LIST").string?.contains(group.consumer) == false
            }
        }
    }

    /// What the server may have given to a read that was given up is claimed: nothing is lost between.
    @Test func aReadThatIsCancelledLosesNothing() async throws {
        try await withBench { bench in
            let group = bench.ledger("cancelled-\(JobID())")
            _ = try await group.read(count: 1, wait: .zero)
            let read = Task { try await group.read(count: 10, wait: .seconds(60)) }
            try await eventually("it waits") { try await bench.waiting(group.consumer).count == 1 }
            read.cancel()
            await #expect(throws: StoreError.self) { try await read.value }
            try await bench.write(3)
            var numbers: Set<Int> = []
            try await eventually("all come") {
                let events = try await group.read(count: 10, wait: .zero) + group.claim(idle: .zero, count: 10)
                numbers.formUnion(events.compactMap(\.number))
                return numbers == [0, 1, 2]
            }
            await group.close()
        }
    }

    @Test func aConnectionThatIsCutIsMadeAnew() async throws {
        try await withBench { bench in
            let group = bench.ledger("cut-\(JobID())")
            _ = try await group.read(count: 1, wait: .zero)
            let read = Task { try await group.read(count: 10, wait: .seconds(60)) }
            try await eventually("it waits") { try await bench.waiting(group.consumer).count == 1 }
            let client = try #require(try await bench.waiting(group.consumer).first?.firstMatch(of: /id=(\d+)/)?.1)
            #expect(try await bench.redis.ask("CLIENT", "KILL", "ID", "\(client)").int == 1)
            let error = await #expect(throws: StoreError.self) { try await read.value }
            #expect(error?.code == .unavailable)
            try await bench.write(1)
            #expect(try await group.read(count: 10, wait: .seconds(60)).map(\.number) == [0])
            await group.close()
        }
    }

    @Test func theGroupIsMadeAnewWhenTheStreamGoesWhileItIsReadOrBefore() async throws {
        try await withBench(on: PrivateRedis()) { bench in
            let group = bench.ledger("a")
            _ = try await group.read(count: 1, wait: .zero)
            for word in ["DEL", "FLUSHALL"] {
                async let read = group.read(count: 10, wait: .seconds(60))
                try await eventually("it waits") { try await bench.waiting("a").count == 1 }
                try await bench.redis.ask(word == "DEL" ? ["DEL", bench.keys.events] : [word])
                #expect(try await read.isEmpty)
                try await bench.write(2)
                #expect(try await group.read(count: 10, wait: .seconds(60)).map(\.number) == [0, 1])
                // Nobody reads just now.
                try await bench.redis.ask(word == "DEL" ? ["DEL", bench.keys.events] : [word])
                try await bench.write(3)
                #expect(try await group.claim(idle: .zero, count: 10).isEmpty)
                #expect(try await group.read(count: 10, wait: .seconds(60)).map(\.number) == [0, 1, 2])
            }
            await group.close()
        }
    }

    @Test func acknowledgedEventsAreGoneAndTheirMemoryIsFree() async throws {
        try await withBench { bench in
            try await bench.write(2500)
            let (a, b) = (bench.ledger("a"), bench.ledger("b"))
            let events = try await a.read(count: 2400, wait: .zero) + b.read(count: 2400, wait: .zero)
            try #require(events.count == 2500)
            // Whoever has read them.
            try await a.acknowledge(events.map(\.id))
            #expect(try await bench.eventCount() == 0)
            #expect(try await bench.eventConsumers() == ["a": 0, "b": 0])
            let stream = try #require(try await bench.redis.ask("XINFO", "STREAM", bench.keys.events).map)
            #expect(stream["radix-tree-keys"]?.int == 0)
            // Again, and of none: nothing happens.
            try await a.acknowledge(events.prefix(3).map(\.id))
            try await a.acknowledge([])
            await a.close()
            await b.close()
        }
    }

    @Test func onlyWhatIsAcknowledgedGoes() async throws {
        try await withBench { bench in
            try await bench.write(4)
            let group = bench.ledger("a")
            let events = try await group.read(count: 3, wait: .zero)
            try await group.acknowledge([events[1].id])
            #expect(try await bench.entries(bench.keys.events).map { $0["number"] } == ["0", "2", "3"])
            #expect(try await bench.eventConsumers() == ["a": 2])
            await group.close()
        }
    }

    /// The ledger is what empties a Redis that has filled up with events.
    @Test func allOfItWorksWhenRedisIsFull() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server) { bench in
            try await bench.write(3)
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1")
            await #expect(throws: RedisError.self) { try await bench.redis.ask("SET", "more", "x") }
            let (a, b) = (bench.ledger("a"), bench.ledger("b"))
            #expect(try await a.read(count: 3, wait: .zero).count == 3)
            let events = try await b.claim(idle: .zero, count: 3)
            try await b.acknowledge(events.map(\.id))
            #expect(try await bench.eventCount() == 0)
            await a.leave()
            await b.leave()
            #expect(try await bench.eventConsumers().isEmpty)
        }
    }
}
