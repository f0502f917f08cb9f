import Testing

@testable import Redis

/// Transcripts: what is sent, what comes back, and who gets which answer. Tokens are names, instants are numbers.
@Suite struct ConnectionStateTests {
    private typealias State = ConnectionState<String, Int>

    private func said(_ action: State.ReceiveAction) -> String {
        switch action {
        case .answer(let token): token
        case .answerAndClose(let token, let error): "\(token), close: \(error.code)"
        case .becameReady: "ready"
        case .close(let error): "close: \(error.code)"
        case .nothing: "nothing"
        }
    }

    private func said(_ action: State.SendAction) -> String {
        switch action {
        case .write: "write"
        case .fail(let error): "fail: \(error.code), mayHaveRun: \(error.mayHaveRun)"
        }
    }

    @Test func answersGoToCommandsInTheOrderOfWriting() {
        var state = State(handshake: 0, deadline: 0)
        for token in ["a", "b", "c"] { #expect(said(state.send(token, deadline: 10)) == "write") }
        #expect(said(state.receive()) == "a")
        #expect(said(state.receive(error: "ERR")) == "b")
        #expect(said(state.receive()) == "c")
        let next = state.nextDeadline
        #expect(next == nil)
    }

    @Test func aConnectionIsReadyWhenEveryAnswerOfTheHandshakeHasCome() {
        var state = State(handshake: 2, deadline: 5)
        let deadline = state.nextDeadline
        #expect(deadline == 5)
        #expect(said(state.receive()) == "nothing")
        #expect(said(state.receive()) == "ready")
        #expect(said(state.send("a", deadline: 10)) == "write")
    }

    @Test func aRefusedHandshakeClosesWithWhatTheServerSaid() {
        var state = State(handshake: 2, deadline: 5)
        let action = state.receive(error: "WRONGPASS invalid")
        #expect(said(action) == "close: refused")
        if case .close(let error) = action { #expect(error.serverCode == "WRONGPASS") }
    }

    @Test func aCancelledCommandLeavesItsNeighboursAlone() {
        var state = State(handshake: 0, deadline: 0)
        for token in ["a", "b", "c"] { _ = state.send(token, deadline: 10) }
        #expect(state.cancel { $0 == "b" } == "b")
        #expect(state.cancel { $0 == "b" } == nil)
        #expect(said(state.receive()) == "a")
        #expect(said(state.receive()) == "nothing")
        #expect(said(state.receive()) == "c")
    }

    @Test func theFirstAnswerDueIsTheOneThatTimesOut() {
        var state = State(handshake: 0, deadline: 0)
        _ = state.send("a", deadline: 10)
        _ = state.send("b", deadline: 20)
        #expect(state.expire(at: 9) == nil)
        #expect(state.expire(at: 10)?.code == .timedOut)
        _ = state.receive()
        #expect(state.expire(at: 10) == nil)
        let next = state.nextDeadline
        #expect(next == 20)
    }

    @Test func aTombstoneStillTimesOut() {
        var state = State(handshake: 0, deadline: 0)
        _ = state.send("a", deadline: 10)
        _ = state.cancel { $0 == "a" }
        #expect(state.expire(at: 10)?.code == .timedOut)
    }

    @Test func whenItBreaksWhatWasWrittenMayHaveRunAndWhatWasNotDidNot() {
        var state = State(handshake: 0, deadline: 0)
        _ = state.send("a", deadline: 10)
        _ = state.send("b", deadline: 10)
        _ = state.cancel { $0 == "a" }
        let lost = RedisError(.connectionLost, "gone", mayHaveRun: true)
        #expect(state.close(lost) == ["b"])
        #expect(state.close(lost) == [])
        #expect(said(state.send("c", deadline: 10)) == "fail: connectionLost, mayHaveRun: false")
    }

    @Test func aReplyToNothingClosesTheConnection() {
        var state = State(handshake: 0, deadline: 0)
        #expect(said(state.receive()) == "close: brokenProtocol")
    }

    @Test func aServerThatTakesNoWritesIsLeft() {
        var state = State(handshake: 0, deadline: 0)
        _ = state.send("a", deadline: 10)
        #expect(
            said(state.receive(error: "READONLY no writes")) == "a, close: connectionLost")
    }
}
