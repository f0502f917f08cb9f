import JobTesting
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ManualClockTests {
    @Test func itStandsStillUntilItIsMoved() async {
        let clock = ManualClock(at: 5000)
        #expect(clock.now == .zero)
        await clock.advance(by: .milliseconds(1500))
        #expect(clock.now == .milliseconds(1500))
        #expect(clock.unixMilliseconds == 6500)
    }

    /// Sleeps, each in a task of its own, lying down in order.
    private func sleep(
        _ waits: [Int], on clock: ManualClock, wakes: Locked<[Int]>, in group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws {
        for (number, wait) in waits.enumerated() {
            group.addTask {
                try await clock.sleep(for: .seconds(wait))  // allowed: the test moves this clock
                wakes.update { $0.append(number) }
            }
            try await eventually("it sleeps") { clock.sleepers == number + 1 }
        }
    }

    @Test func sleepersWakeInTheOrderOfTheirTime() async throws {
        let (clock, wakes) = (ManualClock(), Locked<[Int]>([]))
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await sleep([30, 10, 20, 10], on: clock, wakes: wakes, in: &group)
            await clock.advance(by: .seconds(9))
            #expect(clock.sleepers == 4)
            await clock.advance(by: .seconds(1))
            try await eventually("two are awake") { wakes.value == [1, 3] }
            await clock.advance(by: .seconds(20))
            try await group.waitForAll()
        }
        #expect(wakes.value == [1, 3, 2, 0])
    }

    /// What polls while a long time passes keeps its interval.
    @Test func whoSleepsAgainIsWokenAgainInTheSameSpan() async throws {
        let (clock, looks) = (ManualClock(), Locked<[Duration]>([]))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await clock.sleep(for: .milliseconds(75))  // allowed: a clock moved by hand
                    looks.update { $0.append(clock.now) }
                }
            }
            try await eventually("it sleeps") { clock.sleepers == 1 }
            await clock.advance(by: .seconds(1))
            try await eventually("it sleeps again") { clock.sleepers == 1 }
            group.cancelAll()
        }
        #expect(looks.value == (1...13).map { .milliseconds(75 * $0) })
        #expect(clock.now == .seconds(1))
    }

    @Test func aSleepEndsWhenItsTaskIsCancelled() async throws {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(10)) }  // allowed: a clock moved by hand
        try await eventually("it sleeps") { clock.sleepers == 1 }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleepers == 0)
        #expect(clock.now == .zero)
    }

    @Test func inACancelledTaskNobodySleeps() async throws {
        let clock = ManualClock()
        let sleeper = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(10))  // allowed: a clock moved by hand
        }
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    @Test func noTimeIsNotWaitedFor() async throws {
        let clock = ManualClock()
        try await clock.sleep(for: .zero)  // allowed: a clock moved by hand
        try await clock.sleep(for: .seconds(-1))  // allowed: a clock moved by hand
    }
}
