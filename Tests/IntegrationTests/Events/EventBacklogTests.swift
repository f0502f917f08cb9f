import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// How far the ledger is behind.
@Suite(.timeLimit(.minutes(5))) struct EventBacklogTests {
    @Test func withoutEventsThereIsNoBacklog() async throws {
        try await withBench { bench in
            let group = bench.ledger("a")
            let nothing = try await group.backlog()
            #expect((nothing.length, nothing.pending) == (0, 0))
            #expect(nothing.oldest == nil && nothing.last == nil && nothing.oldestAge == nil)
            _ = try await group.read(count: 1, wait: .zero)
            let empty = try await group.backlog()
            #expect(empty.oldest == nil && empty.last == nil, "a group, and still no event")
            await group.close()
        }
    }

    @Test func itSaysHowManyHowOldAndHowFar() async throws {
        try await withBench { bench in
            let old = try await bench.redis.now() - 90_000
            try await bench.redis.ask("XADD", bench.keys.events, "\(old)-3", "type", "test", "number", "0")
            try await bench.write(3)
            let group = bench.ledger("a")
            let unread = try await group.backlog()
            #expect((unread.length, unread.pending) == (4, 0))
            let events = try await group.read(count: 2, wait: .zero)
            let backlog = try await group.backlog()
            #expect((backlog.length, backlog.pending) == (4, 2))
            #expect(backlog.oldest == events[0].id && events[0].id.milliseconds == old)
            #expect(backlog.oldestAge == backlog.at.milliseconds - old)
            #expect(try #require(backlog.oldestAge) >= 90_000)
            let rest = try await group.read(count: 2, wait: .zero)
            #expect(backlog.last == rest[1].id)
            try await group.acknowledge((events + rest).map(\.id))
            let done = try await group.backlog()
            #expect((done.length, done.pending, done.oldest) == (0, 0, nil))
            #expect(done.last == backlog.last, "how far it went is known still")
            await group.close()
        }
    }

    @Test func whatIsKeptIsKnownWhateverTheOrderOfAcknowledgement() async throws {
        try await withBench { bench in
            try await bench.write(3)
            let group = bench.ledger("a")
            let last = try #require(try await group.backlog().last)
            #expect(try await !group.isKept(through: last))
            let events = try await group.read(count: 3, wait: .zero).map(\.id)
            try await group.acknowledge([events[2]])
            #expect(try await !group.isKept(through: last), "the first two are read, and not kept")
            try await group.acknowledge([events[0]])
            #expect(try await group.isKept(through: events[0]))
            #expect(try await !group.isKept(through: events[1]))
            try await bench.write(1)
            try await group.acknowledge([events[1]])
            #expect(try await group.isKept(through: last), "what came later is not asked for")
            let later = try await group.read(count: 1, wait: .zero)
            try await group.acknowledge(later.map(\.id))
            #expect(try await group.isKept(through: EventID(milliseconds: .max)))
            await group.close()
        }
    }

    @Test func positionsAscendWithTheEvents() throws {
        let ids = [(0, 1), (5, 0), (5, 1), (5, 1 << 20), (6, 0), (1 << 42, 7)].map { pair -> EventID in
            EventID(EntryID(milliseconds: UInt64(pair.0), sequence: UInt64(pair.1)))
        }
        #expect(ids.map(\.position) == ids.map(\.position).sorted() && Set(ids.map(\.position)).count == 6)
        #expect(ids[2].position == 5 << 20 | 1)
        #expect(ids[3].position == 6 << 20 - 1, "as many as there is room for")
        #expect(EventID(EntryID(milliseconds: .max, sequence: .max)).position > 0)
        #expect(EventID(milliseconds: 5) == ids[1])
    }
}
