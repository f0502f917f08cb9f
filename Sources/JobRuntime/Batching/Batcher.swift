import Synchronization

/// Gathers what many tasks hand in at the same time into one call, without a timer: one call is in flight, and what
/// arrives meanwhile makes the next. At low load a request waits for nothing; at high load the calls grow.
package final class Batcher<Request: Sendable, Answer: Sendable>: Sendable {
    private struct Item {
        let request: Request
        /// nil: the request brings its own way back.
        let answer: (@Sendable (Answer?) -> Void)?
    }

    private struct State {
        var cost = 0
        var waiting: [Item] = []
        var idle: CheckedContinuation<Void, Never>?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let capacity: Int
    private let costLimit: Int
    private let costCapacity: Int
    private let cost: @Sendable (Request) -> Int

    /// - Parameters:
    ///   - limit: the most requests of one call.
    ///   - capacity: the most requests that wait; one more is refused.
    ///   - costLimit: what the requests of one call may cost together; one alone may cost more.
    ///   - costCapacity: what the requests that wait may cost together.
    ///   - cost: what a request costs, such as its bytes.
    package init(
        limit: Int, capacity: Int, costLimit: Int = .max, costCapacity: Int = .max,
        cost: @escaping @Sendable (Request) -> Int = { _ in 0 }
    ) {
        self.limit = limit
        self.capacity = capacity
        self.costLimit = costLimit
        self.costCapacity = costCapacity
        self.cost = cost
    }

    /// Hands a request in and waits for its answer; nil when it was refused: too many wait, or nobody serves.
    package func submit(_ request: Request) async -> Answer? {
        await withCheckedContinuation { waiter in
            if !enter(Item(request: request) { waiter.resume(returning: $0) }) { waiter.resume(returning: nil) }
        }
    }

    /// Hands a request in that brings its own way back; false when it was refused.
    func offer(_ request: Request) -> Bool { enter(Item(request: request, answer: nil)) }

    private func enter(_ item: Item) -> Bool {
        let price = cost(item.request)
        let (wake, isTaken) = state.withLock { state in
            guard !state.isStopped, state.waiting.count < capacity, state.cost + price <= costCapacity else {
                return (CheckedContinuation<Void, Never>?.none, false)
            }
            state.cost += price
            state.waiting.append(item)
            defer { state.idle = nil }
            return (state.idle, true)
        }
        wake?.resume()
        return isTaken
    }

    /// Serves until ``stop()``; what was handed in before is served to the end.
    ///
    /// - Parameter perform: makes one call; its answers stand in the order of the requests, one each.
    package func run(_ perform: ([Request]) async -> [Answer]) async {
        while true {
            let batch = takeBatch()
            guard !batch.isEmpty else {
                if await waitForWork() { continue } else { return }
            }
            let answers = await perform(batch.map(\.request))
            for (item, answer) in zip(batch, answers) { item.answer?(answer) }
            // An answer that is missing is a fault of `perform`; nobody may wait for ever because of it.
            for item in batch.dropFirst(answers.count) { item.answer?(nil) }
        }
    }

    /// Refuses what comes from now on, and lets ``run(_:)`` return when everything before it is answered.
    package func stop() {
        let idle = state.withLock { state in
            state.isStopped = true
            defer { state.idle = nil }
            return state.idle
        }
        idle?.resume()
    }

    private func takeBatch() -> [Item] {
        state.withLock { state in
            if state.waiting.count <= limit, state.cost <= costLimit {
                defer { (state.waiting, state.cost) = ([], 0) }
                return state.waiting
            }
            var (count, taken) = (0, 0)
            for item in state.waiting.prefix(limit) {
                let price = cost(item.request)
                guard count == 0 || taken + price <= costLimit else { break }
                (count, taken) = (count + 1, taken + price)
            }
            defer {
                state.waiting.removeFirst(count)
                state.cost -= taken
            }
            return Array(state.waiting.prefix(count))
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
