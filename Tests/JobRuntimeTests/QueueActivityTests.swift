import Testing

@testable import JobRuntime

@Suite struct QueueActivityTests {
    /// A worker that starts while the store is away has no timers yet: that they do not run says nothing.
    @Test func timersThatHaveNotBegunAreNotLate() {
        let clock = SystemClock()
        let activity = QueueActivity(clock)
        let now = clock.now
        #expect(activity.sinceTick(at: now + .seconds(3600)) == .zero)
        activity.tick(at: now)
        #expect(activity.sinceTick(at: now + .seconds(60)) >= .seconds(60))
    }
}
