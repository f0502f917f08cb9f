import JobRuntime
import Synchronization

/// What is to be taken out of the ledger again.
final class Withdrawals: Sendable {
    private struct State {
        var jobs: Set<JobID> = []
        var isStopped = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private static let most = 200_000
    private let state = Mutex(State())

    var count: Int { state.withLock { $0.jobs.count } }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// - Returns: whether there was room.
    func add(_ jobs: [JobID]) -> Bool {
        let (hasRoom, waiter) = state.withLock { state in
            guard state.jobs.count + jobs.count <= Self.most else {
                return (false, CheckedContinuation<Void, Never>?.none)
            }
            state.jobs.formUnion(jobs)
            return (true, state.waiter.take())
        }
        waiter?.resume()
        return hasRoom
    }

    func first(_ count: Int) -> [JobID] { state.withLock { Array($0.jobs.prefix(count)) } }

    func remove(_ jobs: [JobID]) { state.withLock { $0.jobs.subtract(jobs) } }

    func stop() {
        let waiter = state.withLock { state in
            state.isStopped = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Waits until there is something to do. For one task.
    func wait() async {
        await withCheckedContinuation { waiter in
            let isReady = state.withLock { state in
                guard state.jobs.isEmpty, !state.isStopped else { return true }
                state.waiter = waiter
                return false
            }
            if isReady { waiter.resume() }
        }
    }
}
