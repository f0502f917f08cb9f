import Synchronization

/// Tells a worker's parts that it is to stop, and how.
final class StopSignal: Sendable {
    enum Manner: Int, Sendable, Comparable {
        /// Let what runs finish, as long as the options allow.
        case drain
        /// Cancel what runs at once.
        case now

        static func < (a: Manner, b: Manner) -> Bool { a.rawValue < b.rawValue }
    }

    private struct State {
        var manner: Manner?
        var waiting: [UInt64: (least: Manner, continuation: CheckedContinuation<Void, Never>)] = [:]
        var lastTicket: UInt64 = 0
    }

    private let state = Mutex(State())

    var isSent: Bool { state.withLock { $0.manner != nil } }

    /// A later signal may be more urgent than the first, not less.
    func send(_ manner: Manner) {
        let waiting = state.withLock { state in
            state.manner = max(state.manner ?? manner, manner)
            let called = state.waiting.filter { $0.value.least <= manner }
            for ticket in called.keys { state.waiting[ticket] = nil }
            return called.values.map(\.continuation)
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Returns once a signal as urgent was sent, whenever that was, or the task is cancelled.
    func wait(for least: Manner = .drain) async {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isOver = state.withLock { state in
                    if Task.isCancelled || state.manner.map({ $0 >= least }) ?? false { return true }
                    state.waiting[ticket] = (least, waiter)
                    return false
                }
                if isOver { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: ticket) }?.continuation.resume()
        }
    }
}
