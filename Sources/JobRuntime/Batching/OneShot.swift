import Synchronization

/// A value that is waited for by one task, and given by whoever is first.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
    }

    private let state = Mutex(State.open)

    /// Gives the value; what comes after the first is nothing.
    func give(_ value: Value) {
        let before = state.withLock { state in
            defer { if case .given = state {} else { state = .given(value) } }
            return state
        }
        if case .awaited(let waiter) = before { waiter.resume(returning: value) }
    }

    /// The value. To be waited for once.
    ///
    /// - Parameter value: what a cancelled task is given.
    func value(onCancel value: Value) async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let given: Value? = state.withLock { state in
                    if case .given(let value) = state { return value }
                    state = .awaited(waiter)
                    return nil
                }
                if let given { waiter.resume(returning: given) }
            }
        } onCancel: {
            give(value)
        }
    }
}
