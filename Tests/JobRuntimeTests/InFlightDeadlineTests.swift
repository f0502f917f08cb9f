import NIOCore
import TestSupport
import Testing

@testable import JobRuntime

/// Attempts whose time is up: cancelled first, and given up when that does not help.
@Suite struct InFlightDeadlineTests {
    private let clock = HandClock()
    private let grace = Duration.seconds(5)
    /// How long the attempts may take, by entry.
    private let limits = Locked<[Entry: Duration]>([:])

    private func entry(_ number: Int) -> Entry {
        Entry(.normal, EntryID(milliseconds: UInt64(number), sequence: 0))
    }

    /// A table of which every entry runs a task that ends with its cancellation.
    private func table(slots: Int, holding count: Int) -> (table: InFlight, attempts: [Task<Void, Never>]) {
        let table = InFlight(slots: slots, clock: clock)
        let attempts = (0..<count).map { number in
            #expect(table.begin(delivered(number)))
            let attempt = Task { _ = try? await Task.sleep(for: .seconds(3600)) }  // allowed: until it is cancelled
            table.attach(attempt, to: entry(number))
            return attempt
        }
        return (table, attempts)
    }

    private let deliveries = Locked<[Int: Delivered]>([:])

    /// The same each time.
    private func delivered(_ number: Int) -> Delivered {
        let new = Delivered(
            entry: entry(number), deliveries: 1, job: JobID(), kind: "", attempt: 1, enqueuedAt: 0,
            payload: ByteBuffer(), meta: JobMeta())
        return deliveries.update { known in
            known[number] = known[number] ?? new
            return known[number] ?? new
        }
    }

    private func limit(_ entry: Entry, to time: Duration) { limits.update { $0[entry] = time } }

    private func cancelOverdue(in table: InFlight) {
        table.cancelOverdue { delivered in limits.value[delivered.entry] }
    }

    @Test func anAttemptIsCancelledWhenItsTimeIsUpAndNotBefore() async {
        let (table, attempts) = table(slots: 3, holding: 3)
        limit(entry(0), to: .seconds(10))
        limit(entry(1), to: .seconds(20))
        clock.advance(.milliseconds(9_999))
        cancelOverdue(in: table)
        #expect(!attempts[0].isCancelled)
        #expect(!table.isOverdue(entry(0)))
        clock.advance(.milliseconds(1))
        cancelOverdue(in: table)
        #expect(attempts.map(\.isCancelled) == [true, false, false])
        #expect(table.isOverdue(entry(0)))
        #expect(!table.isOverdue(entry(1)))
        clock.advance(.seconds(1_000_000))
        cancelOverdue(in: table)
        #expect(attempts.map(\.isCancelled) == [true, true, false], "without a limit there is no end")
        table.cancelAll()
    }

    @Test func oneThatGoesOnAfterItsGraceIsGivenUpOnce() {
        let (table, _) = table(slots: 2, holding: 2)
        limit(entry(0), to: .seconds(10))
        clock.advance(.seconds(100))
        #expect(table.abandon(after: grace).isEmpty, "it was not even cancelled")
        cancelOverdue(in: table)
        clock.advance(grace)
        let given = table.abandon(after: grace)
        #expect(given.map(\.delivered.entry) == [entry(0)])
        #expect(given.map(\.deliveries) == [1])
        #expect(table.abandoned == 1)
        #expect(table.abandon(after: grace).isEmpty)
        #expect(table.attemptEnded(delivered(0)) == nil, "its end is nobody's concern")
        #expect(table.abandonedEnded(delivered(0)))
        #expect(table.abandoned == 0)
        #expect(!table.abandonedEnded(delivered(0)))
        table.cancelAll()
    }

    @Test func theGraceBeginsWithTheCancellation() {
        let (table, _) = table(slots: 1, holding: 1)
        limit(entry(0), to: .seconds(10))
        clock.advance(.seconds(10))
        cancelOverdue(in: table)
        clock.advance(.milliseconds(4_999))
        #expect(table.abandon(after: grace).isEmpty)
        clock.advance(.milliseconds(1))
        #expect(table.abandon(after: grace).count == 1)
        table.cancelAll()
    }

    /// As many given-up attempts as there are slots cost nothing; more take the slots of others.
    @Test func givenUpAttemptsUseNoMoreThanTwiceTheSlots() async {
        let (table, _) = table(slots: 2, holding: 2)
        func giveUp(_ numbers: [Int]) -> Set<Entry> {
            for number in numbers { limit(entry(number), to: .seconds(1)) }
            clock.advance(.seconds(100))
            cancelOverdue(in: table)
            clock.advance(grace)
            let given = table.abandon(after: grace).map(\.delivered.entry)
            for entry in given { table.end(entry) }
            return Set(given)
        }
        #expect(giveUp([0, 1]) == [entry(0), entry(1)])
        #expect(await table.freeSlots() == 2)
        #expect(table.begin(delivered(2)))
        #expect(giveUp([2]) == [entry(2)], "its job is tried again, whatever else hangs")
        #expect(await table.freeSlots() == 1)
        #expect(table.begin(delivered(3)))
        #expect(giveUp([3]) == [entry(3)])
        #expect(table.usableSlots == 0)
        async let free = table.freeSlots()
        #expect(table.abandonedEnded(delivered(0)))
        #expect(await free == 1, "none was free before")
        #expect(table.abandoned == 3)
    }

    /// Its settlement may wait for a store that is away: that is no fault of the handler.
    @Test func anAttemptThatHasEndedIsNotGivenUpWhileItIsBeingSettled() {
        let (table, _) = table(slots: 1, holding: 1)
        limit(entry(0), to: .seconds(10))
        clock.advance(.seconds(10))
        cancelOverdue(in: table)
        #expect(table.attemptEnded(delivered(0)) == 1)
        clock.advance(.seconds(100))
        cancelOverdue(in: table)
        #expect(table.abandon(after: grace).isEmpty)
        #expect(table.abandoned == 0)
        #expect(table.count == 1, "it holds its slot until it is settled")
    }

    @Test func anAttemptThatEndedInTimeIsNotCancelledWhileItIsBeingSettled() {
        let (table, attempts) = table(slots: 1, holding: 1)
        limit(entry(0), to: .seconds(10))
        #expect(table.attemptEnded(delivered(0)) == 1)
        clock.advance(.seconds(100))
        cancelOverdue(in: table)
        #expect(!attempts[0].isCancelled)
        #expect(table.abandon(after: grace).isEmpty)
        table.cancelAll()
    }
}
