import Synchronization

/// Gathers what many tasks hand in at the same time into one call, without a timer: one call is in flight, and what
/// arrives meanwhile makes the next. At low load a request waits for nothing; at high load the calls grow.
final class Batcher<Request: Sendable, Answer: Sendable>: Sendable {
    private struct State {
        var waiting: [(request: Request, answer: CheckedContinuation<Answer?, Never>)] = []
        var idle: CheckedContinuation<Void, Never>?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let capacity: Int

    /// - Parameters:
    ///   - limit: the most requests of one call.
    ///   - capacity: the most requests that wait; one more is refused.
    init(limit: Int, capacity: Int) {
        self.limit = limit
        self.capacity = capacity
    }

    /// Hands a request in and waits for its answer; nil when it was refused: too many wait, or nobody serves.
    func submit(_ request: Request) async -> Answer? {
        await withCheckedContinuation { answer in
            let (wake, isRefused) = state.withLock { state in
                guard !state.isStopped, state.waiting.count < capacity else {
                    return (CheckedContinuation<Void, Never>?.none, true)
                }
                state.waiting.append((request, answer))
                defer { state.idle = nil }
                return (state.idle, false)
            }
            if isRefused { answer.resume(returning: nil) }
            wake?.resume()
        }
    }

    /// Serves until ``stop()``; what was handed in before is served to the end.
    ///
    /// - Parameter perform: makes one call; its answers stand in the order of the requests, one each.
    func run(_ perform: ([Request]) async -> [Answer]) async {
        while true {
            let batch = takeBatch()
            guard !batch.isEmpty else {
                if await waitForWork() { continue } else { return }
            }
            let answers = await perform(batch.map(\.request))
            for (item, answer) in zip(batch, answers) { item.answer.resume(returning: answer) }
            // An answer that is missing is a fault of `perform`; nobody may wait for ever because of it.
            for item in batch.dropFirst(answers.count) { item.answer.resume(returning: nil) }
        }
    }

    /// Refuses what comes from now on, and lets ``run(_:)`` return when everything before it is answered.
    func stop() {
        let idle = state.withLock { state in
            state.isStopped = true
            defer { state.idle = nil }
            return state.idle
        }
        idle?.resume()
    }

    private func takeBatch() -> [(request: Request, answer: CheckedContinuation<Answer?, Never>)] {
        state.withLock { state in
            guard state.waiting.count > limit else {
                defer { state.waiting = [] }
                return state.waiting
            }
            defer { state.waiting.removeFirst(limit) }
            return Array(state.waiting.prefix(limit))
        }
    }

    /// - Returns: whether there is, or may be, work; false once stopped with nothing left.
    private func waitForWork() async -> Bool {
        await withCheckedContinuation { idle in
            let isReady = state.withLock { state in
                guard state.waiting.isEmpty, !state.isStopped else { return true }
                state.idle = idle
                return false
            }
            if isReady { idle.resume() }
        }
        return state.withLock { !$0.isStopped || !$0.waiting.isEmpty }
    }
}
