import Synchronization

/// One mail's way through the transport: who waits for its end, and whether anybody still does.
final class MailOrder: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<MailExchange, Never>)
        case begun(CheckedContinuation<MailExchange, Never>)
        case over
    }

    private let state = Mutex(State.new)
    private let cancelled = Atomic(false)

    /// Whether whoever gave the order has lost interest. Asked from the thread that sends.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// The first step.
    func wait(_ continuation: CheckedContinuation<MailExchange, Never>) {
        let isOver = state.withLock { state in
            guard case .new = state else { return true }
            state = .waiting(continuation)
            return false
        }
        if isOver { continuation.resume(returning: MailExchange(.cancelled)) }
    }

    /// The second step, of the thread that is to send it: false where it was cancelled while it waited.
    func begin() -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .begun(continuation)
            return true
        }
    }

    /// The last step.
    func end(_ exchange: MailExchange) {
        let continuation = state.withLock { state -> CheckedContinuation<MailExchange, Never>? in
            guard case .begun(let continuation) = state else { return nil }
            state = .over
            return continuation
        }
        continuation?.resume(returning: exchange)
    }

    /// Ends an order that waits; one that has begun is told to the sending thread, which ends it.
    func cancel() {
        cancelled.store(true, ordering: .relaxed)
        let continuation = state.withLock { state -> CheckedContinuation<MailExchange, Never>? in
            switch state {
            case .new:
                state = .over
                return nil
            case .waiting(let continuation):
                state = .over
                return continuation
            case .begun, .over:
                return nil
            }
        }
        continuation?.resume(returning: MailExchange(.cancelled))
    }
}
