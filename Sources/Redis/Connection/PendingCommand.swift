import NIOCore
import Synchronization

/// A command and the task that waits for its answer. Its identity is what a cancellation finds it by.
final class PendingCommand: Sendable {
    typealias Answer = Result<RedisReply, RedisError>

    /// Of several commands that go together one is waited for after the other: an answer may come before its waiter.
    private enum State {
        case open
        case awaited(CheckedContinuation<Answer, Never>)
        case answered(Answer)
    }

    let command: RedisCommand
    let timeout: TimeAmount
    /// Set before the event loop hears of the cancellation, so that a command that is not yet written never is.
    let isCancelled = Atomic(false)
    private let state = Mutex(State.open)

    init(_ command: RedisCommand, timeout: Duration) {
        self.command = command
        self.timeout = TimeAmount(timeout)
    }

    /// The answer; an error reply is a failure with the code `refused`. To be waited for once.
    func answer() async throws(RedisError) -> RedisReply {
        let answer = await withCheckedContinuation { waiter in
            let answer: Answer? = state.withLock { state in
                if case .answered(let answer) = state { return answer }
                state = .awaited(waiter)
                return nil
            }
            if let answer { waiter.resume(returning: answer) }
        }
        let reply = try answer.get()
        if let error = reply.error { throw RedisError(.refused, error) }
        return reply
    }

    /// The first answer counts.
    func resume(_ answer: Answer) {
        let before = state.withLock { state in
            defer { if case .answered = state {} else { state = .answered(answer) } }
            return state
        }
        if case .awaited(let waiter) = before { waiter.resume(returning: answer) }
    }
}
