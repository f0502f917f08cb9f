import Synchronization

/// Wakes one task, once, whichever comes first: the ring or the wait.
final class Bell: Sendable {
    private enum State {
        case silent
        case waiting(CheckedContinuation<Void, Never>)
        case rung
    }

    private let state = Mutex(State.silent)

    func ring() {
        state.withLock { state in
            if case .waiting(let waiter) = state { waiter.resume() }
            state = .rung
        }
    }

    /// Returns once it has rung, or the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                state.withLock { state in
                    if case .rung = state { waiter.resume() } else { state = .waiting(waiter) }
                }
            }
        } onCancel: {
            ring()
        }
    }
}
