import NIOCore
import TestSupport
import Testing

@testable import JobRuntime

@MainActor @Suite struct InFlightTests {
    private let clock = HandClock()

    private nonisolated func entry(_ number: Int) -> Entry {
        Entry(.normal, EntryID(milliseconds: UInt64(number), sequence: 0))
    }

    private func delivered(_ number: Int, deliveries: Int = 1) -> Delivered {
        Delivered(
            entry: entry(number), deliveries: deliveries, job: JobID(), kind: "", attempt: 1, enqueuedAt: 0,
            payload: ByteBuffer(), meta: JobMeta())
    }

    /// A table with so many entries in flight.
    private func table(slots: Int, holding count: Int) -> InFlight {
        let table = InFlight(slots: slots, clock: clock)
        for number in 0..<count { #expect(table.begin(delivered(number))) }
        return table
    }

    // Both leave the main actor only to wait: a test, which runs there too, that sees the mark knows that they wait.

    private func freeSlots(of table: InFlight, _ hasAsked: Locked<Bool>) async -> Int {
        hasAsked.value = true
        return await table.freeSlots()
    }

    private func drain(_ table: InFlight, _ waits: Locked<Bool>) async {
        waits.value = true
        await table.drained()
    }

    @Test func freeSlotsAreWhatIsNotHeld() async {
        let table = table(slots: 3, holding: 1)
        #expect(await table.freeSlots() == 2)
        #expect(table.count == 1)
        table.end(entry(0))
        #expect(await table.freeSlots() == 3)
    }

    @Test func aReaderWaitsWhileThereIsNoSlotAndWakesWithTheFirst() async throws {
        let table = table(slots: 2, holding: 2)
        let hasAsked = Locked(false)
        var free: Int?
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { await freeSlots(of: table, hasAsked) }
            try await eventually("it asks") { hasAsked.value }
            table.end(entry(1))
            free = try await group.next()
        }
        #expect(free == 1)
    }

    @Test func manyTasksNeverHoldMoreThanTheSlots() async {
        let table = InFlight(slots: 4)
        let (largest, taken) = (Locked(0), Locked(0))
        await withTaskGroup { group in
            while taken.value < 2000 {
                let free = await table.freeSlots()
                for _ in 0..<free {
                    let number = taken.update { count in
                        count += 1
                        return count
                    }
                    #expect(table.begin(delivered(number)))
                    largest.update { $0 = max($0, table.count) }
                    group.addTask {
                        await Task.yield()
                        table.end(entry(number))
                    }
                }
            }
        }
        #expect(largest.value == 4)
        #expect(table.count == 0)
    }

    @Test func anEntryThatRunsAlreadyIsNotBegunAgainButItsNewDeliveryIsAdopted() {
        let table = table(slots: 3, holding: 2)
        clock.advance(.seconds(5))
        #expect(!table.begin(delivered(1, deliveries: 2)))
        #expect(table.count == 2)
        #expect(table.deliveries(of: entry(1)) == 2)
        #expect(table.deliveries(of: entry(0)) == 1)
        #expect(table.held(leasedBefore: .seconds(5)).map(\.entry) == [entry(0)], "its lease begins anew")
    }

    @Test func entriesToRenewAreTheOldOnesAscending() {
        let table = table(slots: 10, holding: 5)
        table.leased(entry(2), at: .seconds(2))
        table.leased(entry(3), at: .milliseconds(999))
        table.leased(entry(7), at: .zero)
        let aged = table.held(leasedBefore: .seconds(1))
        #expect(aged.map(\.entry) == [0, 1, 3, 4].map(entry))
        #expect(aged.allSatisfy { $0.deliveries == 1 })
        #expect(table.held().map(\.entry) == (0..<5).map(entry))
    }

    /// One that has ended waits for its settlement: there is nothing to hand back, and nobody ignores anything.
    @Test func whatHasEndedIsHeldAndRunsNoMore() {
        let table = InFlight(slots: 2, clock: clock)
        let attempts = (0..<2).map { delivered($0) }
        for attempt in attempts { #expect(table.begin(attempt)) }
        #expect(table.attemptEnded(attempts[0]) == 1)
        #expect(table.running().map(\.entry) == [entry(1)])
        #expect(table.held().map(\.entry) == [entry(0), entry(1)])
    }

    @Test func closingTellsTheReaderThatThereWillBeNoSlot() async throws {
        let table = table(slots: 1, holding: 1)
        let hasAsked = Locked(false)
        var free: Int?
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { await freeSlots(of: table, hasAsked) }
            try await eventually("it asks") { hasAsked.value }
            table.close()
            free = try await group.next()
        }
        #expect(free == 0)
        #expect(table.isClosed)
        table.end(entry(0))
        #expect(await table.freeSlots() == 0, "closed for good")
    }

    @Test func drainedReturnsWithTheLastEntry() async throws {
        let table = table(slots: 2, holding: 2)
        let (waits, isDrained) = (Locked(false), Locked(false))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await drain(table, waits)
                isDrained.value = true
            }
            try await eventually("it waits") { waits.value }
            table.end(entry(0))
            for _ in 0..<100 { await Task.yield() }
            #expect(!isDrained.value)
            table.end(entry(1))
            try await group.waitForAll()
        }
        #expect(isDrained.value)
        await table.drained()
    }

    @Test func aCancelledDrainReturnsWhileEntriesAreHeld() async throws {
        let table = table(slots: 1, holding: 1)
        let waits = Locked(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await drain(table, waits) }
            try await eventually("it waits") { waits.value }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(table.count == 1)
    }

    @Test func cancellingReachesTheTaskOfTheEntryAndNoOther() async throws {
        let table = table(slots: 2, holding: 2)
        let attempts = (0..<2).map { number in
            let attempt = Task { _ = try? await Task.sleep(for: .seconds(3600)) }  // allowed: until it is cancelled
            table.attach(attempt, to: entry(number))
            return attempt
        }
        table.cancel(entry(1))
        await attempts[1].value
        #expect(!attempts[0].isCancelled)
        table.cancelAll()
        await attempts[0].value
        table.attach(Task {}, to: entry(9))
        #expect(table.count == 2, "a task of an entry that has ended changes nothing")
    }
}
