import Testing

@testable import JobRuntime

@Suite struct StoreClockTests {
    @Test func itGoesOnFromTheStoresTimeByTheWorkersMonotonicClock() {
        let hands = HandClock()
        let clock = StoreClock(hands)
        hands.advance(.seconds(100))
        clock.set(5000)
        #expect(clock.now == 5000)
        hands.advance(.milliseconds(1500))
        #expect(clock.now == 6500)
        clock.set(4000)
        #expect(clock.now == 4000, "the store's word counts, forward or back")
        hands.advance(.microseconds(999))
        #expect(clock.now == 4000)
    }

    /// A heartbeat tells before anything is read; until then the machine's own time is the best guess.
    @Test func beforeItWasToldItIsTheMachinesTime() {
        let before = Int64.unixMilliseconds
        let now = StoreClock(HandClock()).now
        #expect((before...Int64.unixMilliseconds).contains(now))
    }
}

@Suite struct SystemClockTests {
    @Test func itNeverGoesBackAndSleepsAsLongAsItIsTold() async throws {
        let clock = SystemClock()
        let begin = clock.now
        try await clock.sleep(for: .milliseconds(5))  // allowed: the sleep is what is tested
        #expect(clock.now >= begin + .milliseconds(5))
    }

    @Test func aSleepEndsWhenItsTaskIsCancelled() async {
        let sleep = Task { try await SystemClock().sleep(for: .seconds(3600)) }  // allowed: it is cancelled
        sleep.cancel()
        await #expect(throws: CancellationError.self) { try await sleep.value }
    }
}

@Suite struct PromoterWaitTests {
    private func wait(moved: Int, next: Int64?) -> Duration {
        Promoter.wait(after: Promotion(moved: moved, next: next))
    }

    @Test func itSleepsUntilTheNextIsDueButNotMuchLongerThanNothingWaits() {
        #expect(wait(moved: 0, next: nil) == .milliseconds(75))
        #expect(wait(moved: 200, next: nil) == .milliseconds(75))
        #expect(wait(moved: 0, next: 1) == .milliseconds(1))
        #expect(wait(moved: 3, next: 74) == .milliseconds(74))
        #expect(wait(moved: 0, next: 3_600_000) == .milliseconds(75))
    }

    @Test func aFullPageIsFollowedByTheNextAtOnceAndOneThatFoundNoRoomIsNot() {
        #expect(wait(moved: 200, next: 0) == .zero)
        #expect(wait(moved: 200, next: -5) == .zero)
        #expect(wait(moved: 50, next: 0) == .milliseconds(75), "the queue is full: the trickle")
        #expect(wait(moved: 0, next: 0) == .milliseconds(75))
    }
}
