import TestSupport
import Testing

@testable import JobRuntime

/// Whoever hands in runs on the main actor, as the tests do, and leaves it only to wait: whoever has come there waits.
@MainActor private final class Desk {
    let batcher: Batcher<Int, Int>
    private(set) var handedIn = 0
    /// What each was answered; -1: refused.
    private(set) var answers: [Int: Int] = [:]
    private(set) var batches: [[Int]] = []

    init(limit: Int, capacity: Int) { batcher = Batcher(limit: limit, capacity: capacity) }

    /// Each number costs itself.
    init(costLimit: Int, costCapacity: Int) {
        batcher = Batcher(limit: 100, capacity: 100, costLimit: costLimit, costCapacity: costCapacity, cost: { $0 })
    }

    func submit(_ number: Int) async {
        handedIn += 1
        answers[number] = await batcher.submit(number) ?? -1
    }

    /// Answers each number with itself.
    func serve(_ during: ([Int]) async -> Void = { _ in }) async {
        await batcher.run { batch in
            batches.append(batch)
            await during(batch)
            return batch
        }
    }
}

@MainActor @Suite struct BatcherTests {
    @Test func whatArrivesDuringACallTravelsTogetherInTheNext() async throws {
        let desk = Desk(limit: 100, capacity: 100)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await desk.serve { batch in
                    if batch == [0] { for await _ in gate {} }
                }
            }
            group.addTask { await desk.submit(0) }
            try await eventually("the first call is made") { desk.batches == [[0]] }
            for number in 1...20 { group.addTask { await desk.submit(number) } }
            try await eventually("the others wait") { desk.handedIn == 21 }
            #expect(desk.batches == [[0]], "one call is in flight, and no other")
            open.finish()
            try await eventually("all are answered") { desk.answers.count == 21 }
            desk.batcher.stop()
            try await group.waitForAll()
        }
        #expect(desk.batches.count == 2)
        #expect(desk.batches.last?.sorted() == Array(1...20))
        #expect(desk.answers.allSatisfy { $0.key == $0.value })
    }

    @Test func aCallHoldsNoMoreThanTheLimitAndKeepsTheOrder() async throws {
        let desk = Desk(limit: 3, capacity: 100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { await desk.submit(number) }
                try await eventually("it waits") { desk.handedIn == number + 1 }
            }
            group.addTask { await desk.serve() }
            try await eventually("all are answered") { desk.answers.count == 8 }
            desk.batcher.stop()
            try await group.waitForAll()
        }
        #expect(desk.batches == [[0, 1, 2], [3, 4, 5], [6, 7]])
    }

    @Test func aCallIsNoLargerThanItsCostAllowsUnlessOneAloneIs() async throws {
        let desk = Desk(costLimit: 10, costCapacity: 100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, number) in [4, 5, 3, 7, 50, 1].enumerated() {
                group.addTask { await desk.submit(number) }
                try await eventually("it waits") { desk.handedIn == place + 1 }
            }
            group.addTask { await desk.serve() }
            try await eventually("all are answered") { desk.answers.count == 6 }
            desk.batcher.stop()
            try await group.waitForAll()
        }
        #expect(desk.batches == [[4, 5], [3, 7], [50], [1]])
    }

    @Test func whatCostsTooMuchToWaitIsRefusedUntilThereIsRoom() async throws {
        let desk = Desk(costLimit: 10, costCapacity: 10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.submit(8) }
            try await eventually("it waits") { desk.handedIn == 1 }
            await desk.submit(3)
            #expect(desk.answers == [3: -1])
            group.addTask { await desk.serve() }
            try await eventually("the first is answered") { desk.answers[8] == 8 }
            await desk.submit(9)
            #expect(desk.answers == [3: -1, 8: 8, 9: 9])
            desk.batcher.stop()
            try await group.waitForAll()
        }
    }

    @Test func oneTooManyIsRefusedAndTheOthersAreServed() async throws {
        let desk = Desk(limit: 10, capacity: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2 { group.addTask { await desk.submit(number) } }
            try await eventually("two wait") { desk.handedIn == 2 }
            await desk.submit(2)
            #expect(desk.answers == [2: -1])
            group.addTask { await desk.serve() }
            try await eventually("two are answered") { desk.answers == [0: 0, 1: 1, 2: -1] }
            desk.batcher.stop()
            try await group.waitForAll()
        }
    }

    @Test func stoppingServesWhatWasHandedInAndRefusesWhatComesAfter() async throws {
        let desk = Desk(limit: 2, capacity: 10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<5 { group.addTask { await desk.submit(number) } }
            try await eventually("five wait") { desk.handedIn == 5 }
            desk.batcher.stop()
            await desk.submit(9)
            #expect(desk.answers == [9: -1])
            group.addTask { await desk.serve() }
            try await group.waitForAll()
        }
        #expect(desk.answers == [0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 9: -1])
    }

    @Test func stoppingWakesAnIdleServer() async throws {
        let desk = Desk(limit: 2, capacity: 10)
        let hasReturned = Locked(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await desk.serve()
                hasReturned.value = true
            }
            await desk.submit(1)
            desk.batcher.stop()
            try await eventually("run returns") { hasReturned.value }
        }
    }

    @Test func anAnswerThatIsMissingLeavesNobodyWaiting() async throws {
        let desk = Desk(limit: 10, capacity: 10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask { await desk.submit(number) }
                try await eventually("it waits") { desk.handedIn == number + 1 }
            }
            group.addTask { await desk.batcher.run { Array($0.prefix(1)) } }
            try await eventually("all have heard") { desk.answers == [0: 0, 1: -1, 2: -1] }
            desk.batcher.stop()
            try await group.waitForAll()
        }
    }

    @Test nonisolated func nothingIsLostAmongManyTasks() async {
        let batcher = Batcher<Int, Int>(
            limit: 64, capacity: 100_000, costLimit: 3000, costCapacity: 100_000_000, cost: { $0 })
        let (calls, overlaps, largest) = (Locked(0), Locked(0), Locked(0))
        let answered = await withTaskGroup(of: Int.self) { group in
            group.addTask {
                await batcher.run { batch in
                    let others = calls.update { count in
                        count += 1
                        return count - 1
                    }
                    if others > 0 { overlaps.update { $0 += 1 } }
                    largest.update { $0 = max($0, batch.count) }
                    await Task.yield()
                    calls.update { $0 -= 1 }
                    return batch
                }
                return 0
            }
            let answered = await withTaskGroup(of: Int.self) { tasks in
                for task in 0..<200 {
                    tasks.addTask {
                        var right = 0
                        for number in task * 50..<task * 50 + 50 where await batcher.submit(number) == number {
                            right += 1
                        }
                        return right
                    }
                }
                return await tasks.reduce(0, +)
            }
            batcher.stop()
            return await group.reduce(answered, +)
        }
        #expect(answered == 10_000)
        #expect(overlaps.value == 0)
        #expect((2...64).contains(largest.value), "tasks that come at once travel together, up to the limit")
    }
}
