import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What is left of consumers that are gone: their events, and their names.
@Suite(.timeLimit(.minutes(5))) struct EventClaimTests {
    /// Makes what a consumer holds look as if it had been read long ago.
    private func age(_ events: [LedgerEvent], of consumer: String, in bench: Bench) async throws {
        try await bench.redis.ask(
            ["XCLAIM", bench.keys.events, KeySpace.ledger, consumer, "0"] + events.map { "\($0.id)" }
                + ["IDLE", "90000", "JUSTID"])
    }

    /// A call looks at ten times as many as it may take: behind a hundred that are not to be taken, a scan that begins
    /// anew each time finds nothing.
    @Test func whatADeadConsumerHeldIsClaimedHoweverMuchStandsBeforeIt() async throws {
        try await withBench { bench in
            try await bench.write(350)
            let (living, dead, heir) = (bench.ledger("living"), bench.ledger("dead"), bench.ledger("heir"))
            let fresh = try await living.read(count: 250, wait: .zero)
            let left = try await dead.read(count: 100, wait: .zero)
            try await age(left, of: "dead", in: bench)
            var claimed: [LedgerEvent] = []
            for _ in 0..<40 where claimed.count < 100 { claimed += try await heir.claim(idle: .seconds(60), count: 10) }
            #expect(claimed == left)
            #expect(try await bench.eventConsumers() == ["living": 250, "dead": 0, "heir": 100])
            // From the start again, after the end.
            try await age(Array(fresh.prefix(5)), of: "living", in: bench)
            var again: [LedgerEvent] = []
            for _ in 0..<40 where again.count < 5 { again += try await heir.claim(idle: .seconds(60), count: 10) }
            #expect(again == Array(fresh.prefix(5)))
            for group in [living, dead, heir] { await group.close() }
        }
    }

    @Test func aConsumerClaimsWhatItsOwnReadWasGivenAndDidNotReturn() async throws {
        try await withBench { bench in
            try await bench.write(2)
            let group = bench.ledger("a")
            let events = try await group.read(count: 2, wait: .zero)
            #expect(try await group.claim(idle: .seconds(60), count: 10).isEmpty)
            #expect(try await group.claim(idle: .zero, count: 10) == events)
            await group.close()
        }
    }

    @Test func whatWasDeletedUnreadIsSaidAloud() async throws {
        try await withBench { bench in
            try await bench.write(2)
            let log = LogLines()
            let group = EventGroup(redis: bench.redis, keys: bench.keys, consumer: "a", logger: log.logger)
            let events = try await group.read(count: 2, wait: .zero)
            try await bench.redis.ask("XDEL", bench.keys.events, "\(events[0].id)")
            #expect(try await group.claim(idle: .zero, count: 10) == [events[1]])
            let line = try #require(log.saying("deleted").first)
            #expect(line.level == "error" && line.metadata["events"]?.contains("\(events[0].id)") == true)
            await group.close()
        }
    }

    @Test func withoutAGroupThereIsNothingToClaimOrSweep() async throws {
        try await withBench { (bench: Bench) async throws in
            let group = bench.ledger("a")
            #expect(try await group.claim(idle: .zero, count: 10).isEmpty)
            #expect(try await group.sweep().isEmpty)
            await group.leave()
            #expect(try await !bench.redis.exists(bench.keys.events))
        }
    }

    @Test func onlyConsumersOfTheDeadThatHoldNothingAreSwept() async throws {
        try await withBench { bench in
            try await bench.write(1)
            let (me, holding) = (bench.ledger("me"), bench.ledger("dead-holding"))
            let held = try await holding.read(count: 1, wait: .zero)
            for name in ["me", "living", "dead"] {
                try await bench.redis.ask("XGROUP", "CREATECONSUMER", bench.keys.events, KeySpace.ledger, name)
            }
            _ = try await bench.store.beat([("host", "here")], of: "living", life: .seconds(3600))
            #expect(try await me.sweep() == ["dead"])
            #expect(try await me.sweep().isEmpty)
            #expect(try await bench.eventConsumers() == ["me": 0, "living": 0, "dead-holding": 1])
            try await me.acknowledge(held.map(\.id))
            try await bench.store.endHeartbeat(of: "living")
            #expect(try await Set(me.sweep()) == ["dead-holding", "living"])
            #expect(try await bench.eventConsumers() == ["me": 0])
            await holding.close()
        }
    }

    @Test func whoLeavesTakesItsNameAwayUnlessItHoldsSomething() async throws {
        try await withBench { bench in
            try await bench.write(1)
            let (a, b) = (bench.ledger("a"), bench.ledger("b"))
            let held = try await a.read(count: 1, wait: .zero)
            _ = try await b.read(count: 1, wait: .zero)
            await a.leave()
            await b.leave()
            #expect(try await bench.eventConsumers() == ["a": 1])
            #expect(try await bench.ledger("c").claim(idle: .zero, count: 1) == held)
            await a.leave()
            #expect(try await bench.eventConsumers() == ["c": 1])
        }
    }
}
