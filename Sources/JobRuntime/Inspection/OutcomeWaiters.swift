import Synchronization

/// Who waits for which job, and which jobs are to be looked at.
final class OutcomeWaiters: Sendable {
    /// One that waits until a job's record is as it wants it.
    final class Waiter: Sendable {
        let job: JobID
        let isSettled: @Sendable (JobRecord) -> Bool
        /// nil: it waits no longer.
        let outcome = OneShot<JobRecord?>()

        init(_ job: JobID, _ isSettled: @escaping @Sendable (JobRecord) -> Bool) {
            self.job = job
            self.isSettled = isSettled
        }
    }

    private struct State {
        var waiters: [JobID: [Waiter]] = [:]
        var count = 0
        /// Jobs that may have changed.
        var due: Set<JobID> = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    /// Tells one task that somebody has come.
    let arrivals = Signal()
    /// Tells one task that there is something to look at.
    let looks = Signal()

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { state.withLock { $0.count } }

    /// - Returns: false when too many wait; the waiter waits no longer when everybody is sent home.
    func enter(_ waiter: Waiter) -> Bool {
        let isStopped: Bool? = state.withLock { state in
            if state.isStopped { return true }
            guard state.count < capacity else { return nil }
            state.count += 1
            state.waiters[waiter.job, default: []].append(waiter)
            state.due.insert(waiter.job)
            return false
        }
        guard let isStopped else { return false }
        if isStopped {
            waiter.outcome.give(nil)
        } else {
            arrivals.ring()
            looks.ring()
        }
        return true
    }

    func leave(_ waiter: Waiter) {
        state.withLock { state in
            guard var others = state.waiters[waiter.job], let place = others.firstIndex(where: { $0 === waiter })
            else { return }
            others.remove(at: place)
            state.count -= 1
            state.waiters[waiter.job] = others.isEmpty ? nil : others
            if others.isEmpty { state.due.remove(waiter.job) }
        }
    }

    /// Something has happened to these jobs.
    func note(_ jobs: some Sequence<JobID>) {
        let isNews = state.withLock { state in
            let before = state.due.count
            for job in jobs where state.waiters[job] != nil { state.due.insert(job) }
            return state.due.count > before
        }
        if isNews { looks.ring() }
    }

    /// Something may have happened to any job.
    func noteAll() {
        state.withLock { $0.due.formUnion($0.waiters.keys) }
        looks.ring()
    }

    /// Takes out what is to be looked at.
    func takeDue() -> Set<JobID> {
        state.withLock { state in
            defer { state.due = [] }
            return state.due
        }
    }

    /// Shows a job's record to those who wait for it.
    func show(_ record: JobRecord) {
        for waiter in state.withLock({ $0.waiters[record.id] ?? [] }) where waiter.isSettled(record) {
            waiter.outcome.give(record)
        }
    }

    /// Sends everybody home, and whoever comes.
    func stop() {
        let all = state.withLock { state in
            state.isStopped = true
            return state.waiters.values.joined()
        }
        for waiter in all { waiter.outcome.give(nil) }
    }
}

/// Wakes one task; ringing twice before it looks is ringing once.
struct Signal: Sendable {
    private let pair = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    func ring() { pair.continuation.yield() }

    /// Once for every time it has rung, until the task is cancelled.
    var rings: AsyncStream<Void> { pair.stream }
}
