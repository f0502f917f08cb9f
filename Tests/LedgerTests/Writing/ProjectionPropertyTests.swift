import JobRuntime
import Messaging
import Postgres
import TestSupport
import Testing

@testable import Ledger

/// I5: the ledger is a function of the set of events.
@Suite struct ProjectionPropertyTests {
    /// All at once, and in pieces of random sizes, in random order, with repetitions, by several projectors side by side.
    @Test(arguments: 0..<12) func anyOrderAnyDuplicationAndAnySplitGiveTheSameRows(seed: UInt64) async throws {
        var generator = RandomEvents(seed: seed)
        let events = generator.make(messages: 30)
        let whole = try await LedgerBench(), split = try await LedgerBench()
        try await LedgerWriter(postgres: whole.postgres).write(LedgerBatch(events))

        var many = events + events.filter { _ in Int.random(in: 0..<3, using: &generator.random) == 0 }
        many.shuffle(using: &generator.random)
        var pieces: [[LedgerEvent]] = []
        while !many.isEmpty {
            let count = min(many.count, .random(in: 1...25, using: &generator.random))
            pieces.append(Array(many.prefix(count)))
            many.removeFirst(count)
        }
        try await withThrowingTaskGroup { group in
            for projector in 0..<3 {
                let mine = pieces.indices.filter { $0 % 3 == projector }.map { pieces[$0] }
                group.addTask {
                    let writer = LedgerWriter(postgres: split.postgres)
                    for piece in mine { try await writer.write(LedgerBatch(piece)) }
                }
            }
            try await group.waitForAll()
        }
        let expected = try await whole.everything()
        #expect(expected.count > 60)
        #expect(try await split.everything() == expected)
    }

    /// The row of a message that was redriven is summed up by SQL, that of a batch by Swift: they must agree.
    @Test(arguments: 100..<106) func oneEventAtATimeGivesTheSameRows(seed: UInt64) async throws {
        var generator = RandomEvents(seed: seed)
        let events = generator.make(messages: 8)
        let whole = try await LedgerBench(), single = try await LedgerBench()
        try await LedgerWriter(postgres: whole.postgres).write(LedgerBatch(events))
        let writer = LedgerWriter(postgres: single.postgres)
        for event in events.shuffled(using: &generator.random) { try await writer.write(LedgerBatch([event])) }
        #expect(try await single.everything() == whole.everything())
    }
}
