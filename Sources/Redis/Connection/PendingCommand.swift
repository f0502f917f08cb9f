import NIOCore
import Synchronization

/// A command and the task that waits for its answer. Its identity is what a cancellation finds it by.
final class PendingCommand: Sendable {
    let command: RedisCommand
    let timeout: TimeAmount
    /// Set before the event loop hears of the cancellation, so that a command that is not yet written never is.
    let isCancelled = Atomic(false)
    private let continuation: Mutex<CheckedContinuation<Result<RedisValue, RedisError>, Never>?>

    init(_ command: RedisCommand, timeout: Duration) {
        self.command = command
        self.timeout = TimeAmount(timeout)
        continuation = Mutex(nil)
    }

    func wait(_ continuation: CheckedContinuation<Result<RedisValue, RedisError>, Never>) {
        self.continuation.withLock { $0 = continuation }
    }

    func resume(_ result: Result<RedisValue, RedisError>) {
        let waiting = continuation.withLock { slot in
            defer { slot = nil }
            return slot
        }
        waiting?.resume(returning: result)
    }
}
