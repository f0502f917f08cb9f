import NIOCore
import Testing

@testable import Ingress

@Suite struct ConnectionStateTests {
    private let limits = ConnectionLimits()
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    /// A connection whose first request is here but for its body.
    private func receiving(_ length: Int?, keepsAlive: Bool = true) -> ConnectionState {
        var state = ConnectionState(now: start)
        state.receivedHead(length: length, keepsAlive: keepsAlive, at: start)
        return state
    }

    @Test func theFirstRequestIsToComeSoonAndTheNextHasTime() {
        var state = ConnectionState(now: start)
        #expect(state.verdict(at: at(9), limits) == .fine)
        #expect(state.verdict(at: at(10), limits) == .close)
        state = receiving(0)
        state.receivedEnd(at: start)
        #expect(state.verdict(at: at(3600), limits) == .fine, "the client waits, not the server")
        let endsAtHead = state.beginAnswer(bodyIsAwaited: false)
        let endsAtEnd = state.endAnswer(at: at(100))
        #expect(!endsAtHead && !endsAtEnd)
        #expect(state.verdict(at: at(174), limits) == .fine)
        #expect(state.verdict(at: at(175), limits) == .close)
        state.received(at: at(174))
        #expect(state.verdict(at: at(183), limits) == .fine)
        #expect(state.verdict(at: at(184), limits) == .headTooSlow)
    }

    @Test func moreBytesDoNotGiveAHeadMoreTime() {
        var state = ConnectionState(now: start)
        for second in 1...9 { state.received(at: at(Int64(second))) }
        #expect(state.verdict(at: at(11), limits) == .headTooSlow)
    }

    @Test func aLargeBodyMayTakeLongIfItGoesOn() {
        var state = receiving(20 << 20)
        // 2 KiB in each second: nearly three hours.
        for second in 1...Int64(10_240) {
            state.receivedBody(2 << 10)
            #expect(state.verdict(at: at(second), limits) == .fine)
            state.judgedBody(at: at(second), limits)
        }
        // What came before does not count for a body that stops.
        #expect(state.verdict(at: at(10_240 + 31), limits) == .bodyTooSlow)
        state.fail(by: at(10_240 + 40))
        #expect(state.verdict(at: at(10_240 + 39), limits) == .fine)
        #expect(state.verdict(at: at(10_240 + 40), limits) == .close)
    }

    @Test func aSmallBodyHasItsTimeAsAWhole() {
        var state = receiving(1000)
        state.receivedBody(999)
        #expect(state.verdict(at: at(29), limits) == .fine)
        #expect(state.verdict(at: at(30), limits) == .bodyTooSlow)
    }

    @Test func aBodyThatWaitsForTheAnswerBeforeItIsNotSlow() {
        var state = receiving(0)
        state.receivedEnd(at: start)
        state.receivedHead(length: 100, keepsAlive: true, at: start)
        #expect(state.verdict(at: at(300), limits) == .fine)
        _ = state.beginAnswer(bodyIsAwaited: false)
        _ = state.endAnswer(at: at(300))
        #expect(state.verdict(at: at(329), limits) == .fine)
        #expect(state.verdict(at: at(330), limits) == .bodyTooSlow)
    }

    @Test(
        arguments: [
            (100, false, false), (100, true, true), (64 << 10, false, false), (65 << 10, false, true),
            (nil, false, true),
        ] as [(Int?, Bool, Bool)])
    func whatIsNotWorthReadingEndsTheConnection(length: Int?, isAwaited: Bool, ends: Bool) {
        var state = receiving(length)
        let endsAtHead = state.beginAnswer(bodyIsAwaited: isAwaited)
        let endsAtEnd = state.endAnswer(at: start)
        #expect(endsAtHead == ends && endsAtEnd == ends)
    }

    @Test func aConnectionThatIsNotToBeKeptEndsWithItsOwnAnswer() {
        var state = receiving(0)
        state.receivedEnd(at: start)
        state.receivedHead(length: 0, keepsAlive: false, at: start)
        state.receivedEnd(at: start)
        state.receivedHead(length: 0, keepsAlive: true, at: start)
        let ends = (0..<2).map { _ in
            _ = state.beginAnswer(bodyIsAwaited: false)
            return state.endAnswer(at: start)
        }
        #expect(ends == [false, true])
    }

    @Test func whoWaitsAndWasNeverServedGivesWayFirst() throws {
        var served = receiving(0)
        served.receivedEnd(at: start)
        _ = served.endAnswer(at: start)
        let old = try #require(served.standing)
        let new = try #require(ConnectionState(now: at(50)).standing)
        let newer = try #require(ConnectionState(now: at(60)).standing)
        #expect(new < newer && newer < old && !(old < new))
        #expect(receiving(10).standing == nil)
    }

    @Test func anAnswerMustBeTakenAtALeastRate() {
        var state = receiving(0)
        // 2 KiB in each second, up to the 100th.
        let stuck = (0...Int64(120)).filter { second in
            state.isStuck(unread: (1 << 20) - Int(min(second, 100)) << 11, at: at(second), limits)
        }
        #expect(stuck == [120])
        let isStuckWithNothing = state.isStuck(unread: 0, at: at(200), limits)
        #expect(!isStuckWithNothing)
    }
}
