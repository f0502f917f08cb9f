import Testing

@testable import Redis

@Suite struct BackoffTests {
    @Test func theFirstAttemptIsAtOnceAndTheCeilingDoubles() {
        var backoff = Backoff(base: .milliseconds(50), cap: .seconds(2))
        #expect(backoff.next(random: 1) == .zero)
        #expect(backoff.next(random: 1) == .milliseconds(50))
        #expect(backoff.next(random: 1) == .milliseconds(100))
        #expect(backoff.next(random: 0) == .milliseconds(100))
    }

    @Test func itIsCappedAndStartsAnew() {
        var backoff = Backoff(base: .milliseconds(50), cap: .seconds(2))
        for _ in 0..<100 { #expect(backoff.next(random: 1) <= .seconds(2)) }
        #expect(backoff.next(random: 1) == .seconds(2))
        backoff.reset()
        #expect(backoff.next(random: 1) == .zero)
    }
}
