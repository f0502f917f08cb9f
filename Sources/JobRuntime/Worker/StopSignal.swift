import Synchronization

/// Tells a worker's parts that it is to stop, and how.
final class StopSignal: Sendable {
    enum Manner: Sendable {
        /// Let what runs finish, as long as the options allow.
        case drain
        /// Cancel what runs at once.
        case now
    }

    private struct State {
        var manner: Manner?
        var waiting: [CheckedContinuation<Manner, Never>] = []
    }

    private let state = Mutex(State())

    /// Only the first counts.
    func send(_ manner: Manner) {
        let waiting = state.withLock { state -> [CheckedContinuation<Manner, Never>] in
            guard state.manner == nil else { return [] }
            state.manner = manner
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.resume(returning: manner) }
    }

    /// Returns once the signal was sent, whenever that was.
    @discardableResult
    func wait() async -> Manner {
        await withCheckedContinuation { waiter in
            let manner = state.withLock { state in
                if state.manner == nil { state.waiting.append(waiter) }
                return state.manner
            }
            if let manner { waiter.resume(returning: manner) }
        }
    }
}
