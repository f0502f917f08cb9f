import TestSupport
import Testing

@testable import JobRuntime

@MainActor @Suite struct StopSignalTests {
    /// Leaves the main actor only to wait: a test, which runs there too, that sees the mark knows that it waits.
    private func wait(_ signal: StopSignal, for manner: StopSignal.Manner, _ waits: Locked<Int>) async {
        waits.update { $0 += 1 }
        await signal.wait(for: manner)
    }

    @Test func aDrainWakesWhoWaitsForAnyStopAndNotWhoWaitsForOneThatIsUrgent() async throws {
        let (signal, waits) = (StopSignal(), Locked(0))
        let (drained, pressed) = (Locked(false), Locked(false))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await wait(signal, for: .drain, waits)
                drained.value = true
            }
            group.addTask {
                await wait(signal, for: .now, waits)
                pressed.value = true
            }
            try await eventually("both wait") { waits.value == 2 }
            signal.send(.drain)
            try await eventually("the one wakes") { drained.value }
            for _ in 0..<100 { await Task.yield() }
            #expect(!pressed.value)
            signal.send(.now)
            try await group.waitForAll()
        }
        #expect(pressed.value)
    }

    @Test func anUrgentStopWakesAll() async throws {
        let (signal, waits) = (StopSignal(), Locked(0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for manner in [StopSignal.Manner.drain, .now, .drain] {
                group.addTask { await wait(signal, for: manner, waits) }
            }
            try await eventually("they wait") { waits.value == 3 }
            signal.send(.now)
            try await group.waitForAll()
        }
    }

    @Test func whoComesLaterDoesNotWait() async {
        let signal = StopSignal()
        signal.send(.now)
        await signal.wait(for: .drain)
        await signal.wait(for: .now)
    }

    @Test func aLaterSignalIsNotLessUrgent() async {
        let signal = StopSignal()
        signal.send(.now)
        signal.send(.drain)
        await signal.wait(for: .now)
    }

    @Test func aCancelledWaitReturnsAndTheOthersGoOn() async throws {
        let (signal, waits, hasReturned) = (StopSignal(), Locked(0), Locked(false))
        let cancelled = Task { await wait(signal, for: .drain, waits) }
        let other = Task {
            await wait(signal, for: .drain, waits)
            hasReturned.value = true
        }
        try await eventually("both wait") { waits.value == 2 }
        cancelled.cancel()
        await cancelled.value
        for _ in 0..<100 { await Task.yield() }
        #expect(!hasReturned.value)
        signal.send(.drain)
        await other.value
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await StopSignal().wait()
        }
        await late.value
    }
}
