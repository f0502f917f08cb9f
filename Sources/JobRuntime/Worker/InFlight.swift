import Synchronization

/// The entries that one queue's worker holds, each from its delivery until its settlement, at most as many as there are
/// slots. It owns the attempts' tasks: this is where one is cancelled whose lease is lost.
final class InFlight: Sendable {
    private struct Flight {
        var deliveries: Int
        var leasedAt: ContinuousClock.Instant
        var attempt: Task<Void, Never>?
    }

    private struct State {
        var flights: [EntryID: Flight] = [:]
        var waitsForSlot: CheckedContinuation<Int, Never>?
        var waitsForNone: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    let slots: Int
    private let state: Mutex<State>

    init(slots: Int) {
        self.slots = slots
        var state = State()
        state.flights.reserveCapacity(slots)
        self.state = Mutex(state)
    }

    var count: Int { state.withLock { $0.flights.count } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// How many slots are free, waiting until one is; 0 once closed.
    func freeSlots() async -> Int {
        await withCheckedContinuation { waiter in
            let free: Int? = state.withLock { state in
                if state.isClosed { return 0 }
                let free = slots - state.flights.count
                if free > 0 { return free }
                state.waitsForSlot = waiter
                return nil
            }
            if let free { waiter.resume(returning: free) }
        }
    }

    /// Takes an entry in.
    ///
    /// - Returns: false when it runs here already: this worker was stopped for longer than its lease, or the group was
    ///   destroyed and made anew. The attempt that runs then answers for the new delivery.
    func begin(_ delivered: Delivered) -> Bool {
        state.withLock { state in
            guard state.flights[delivered.entry] == nil else {
                state.flights[delivered.entry]?.deliveries = delivered.deliveries
                state.flights[delivered.entry]?.leasedAt = .now
                return false
            }
            state.flights[delivered.entry] = Flight(deliveries: delivered.deliveries, leasedAt: .now)
            return true
        }
    }

    /// The delivery count by which an entry is held now.
    func deliveries(of entry: EntryID) -> Int? { state.withLock { $0.flights[entry]?.deliveries } }

    /// Gives an entry the task that runs it, unless that has ended already.
    func attach(_ attempt: Task<Void, Never>, to entry: EntryID) {
        state.withLock { $0.flights[entry]?.attempt = attempt }
    }

    /// Lets an entry go: it is settled, or lost.
    func end(_ entry: EntryID) {
        let (slot, none) = state.withLock { state in
            state.flights[entry] = nil
            let slot = state.isClosed ? nil : state.waitsForSlot
            if slot != nil { state.waitsForSlot = nil }
            let none = state.flights.isEmpty ? state.waitsForNone : nil
            if none != nil { state.waitsForNone = nil }
            return (slot.map { ($0, slots - state.flights.count) }, none)
        }
        if let (waiter, free) = slot { waiter.resume(returning: free) }
        none?.resume()
    }

    /// The entries whose lease was last renewed before a moment, ascending.
    func entries(leasedBefore moment: ContinuousClock.Instant) -> [(entry: EntryID, deliveries: Int)] {
        state.withLock { state in
            state.flights.filter { $0.value.leasedAt < moment }
                .map { (entry: $0.key, deliveries: $0.value.deliveries) }
                .sorted { $0.entry < $1.entry }
        }
    }

    /// Everything held, ascending.
    var all: [(entry: EntryID, deliveries: Int)] {
        state.withLock { state in
            state.flights.map { (entry: $0.key, deliveries: $0.value.deliveries) }.sorted { $0.entry < $1.entry }
        }
    }

    func leased(_ entry: EntryID, at moment: ContinuousClock.Instant) {
        state.withLock { $0.flights[entry]?.leasedAt = moment }
    }

    func cancel(_ entry: EntryID) {
        state.withLock { $0.flights[entry]?.attempt }?.cancel()
    }

    func cancelAll() {
        for attempt in state.withLock({ $0.flights.values.compactMap(\.attempt) }) { attempt.cancel() }
    }

    /// Takes nothing in any more: who waits for a slot is told that there will be none.
    func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            defer { state.waitsForSlot = nil }
            return state.waitsForSlot
        }
        waiter?.resume(returning: 0)
    }

    /// Returns when nothing is in flight, or the task is cancelled.
    func drained() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isDone = state.withLock { state in
                    guard !state.flights.isEmpty, !Task.isCancelled else { return true }
                    state.waitsForNone = waiter
                    return false
                }
                if isDone { waiter.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waitsForNone = nil }
                return state.waitsForNone
            }?.resume()
        }
    }
}
