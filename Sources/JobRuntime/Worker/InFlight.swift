import Synchronization

/// The entries that one queue's worker holds, each from its delivery until its settlement, at most as many as there are
/// slots. It owns the attempts' tasks: this is where one is cancelled whose lease is lost or whose time is up.
final class InFlight: Sendable {
    /// A class: the table is changed some times for each job, and finds it once for each.
    private final class Flight {
        let delivered: Delivered
        /// By which the entry is held now.
        var deliveries: Int
        let begunAt: Duration
        var leasedAt: Duration
        var attempt: Task<Void, Never>?
        /// When it was cancelled because its time was up.
        var overdueSince: Duration?
        /// Its delivery is being ended over its attempt's head.
        var isAbandoned = false
        /// When its attempt ended. What is left is to settle it; that may take as long as the store is away.
        var endedAt: Duration?
        var hasEnded: Bool { endedAt != nil }

        init(_ delivered: Delivered, begunAt: Duration, leasedAt: Duration) {
            self.delivered = delivered
            deliveries = delivered.deliveries
            self.begunAt = begunAt
            self.leasedAt = leasedAt
        }
    }

    private struct State {
        var flights: [Entry: Flight] = [:]
        /// What attempts run that nobody waits for any more, but that have not ended.
        var abandoned: Set<ObjectIdentifier> = []
        var waitsForSlot: CheckedContinuation<Int, Never>?
        var waitsForNone: CheckedContinuation<Void, Never>?
        var isClosed = false

        /// Attempts that were given up take slots of their own, as many again as there are; beyond that they take the
        /// others', so that what they use stays bounded.
        func free(of slots: Int) -> Int { slots - flights.count - max(0, abandoned.count - slots) }

        /// Whom to resume, and with what: one that waits for a slot, when there is one.
        mutating func slotWaiter(of slots: Int) -> (CheckedContinuation<Int, Never>, Int)? {
            let free = free(of: slots)
            guard !isClosed, free > 0, let waiter = waitsForSlot else { return nil }
            waitsForSlot = nil
            return (waiter, free)
        }
    }

    let slots: Int
    private let clock: any RuntimeClock
    private let state: Mutex<State>

    init(slots: Int, clock: any RuntimeClock = SystemClock()) {
        self.slots = slots
        self.clock = clock
        var state = State()
        state.flights.reserveCapacity(slots)
        self.state = Mutex(state)
    }

    var count: Int { state.withLock { $0.flights.count } }

    /// Attempts that ran on past their deadline and were given up.
    var abandoned: Int { state.withLock { $0.abandoned.count } }

    /// Slots that attempts which were given up have not taken.
    var usableSlots: Int { state.withLock { max(0, $0.free(of: slots) + $0.flights.count) } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// How many slots are free, waiting until one is; 0 once closed.
    func freeSlots() async -> Int {
        await withCheckedContinuation { waiter in
            let free: Int? = state.withLock { state in
                if state.isClosed { return 0 }
                let free = state.free(of: slots)
                if free > 0 { return free }
                state.waitsForSlot = waiter
                return nil
            }
            if let free { waiter.resume(returning: free) }
        }
    }

    /// Takes an entry in.
    ///
    /// - Parameter leasedAt: since when the lease runs, at the earliest; nil: now.
    /// - Returns: false when it runs here already: this worker was stopped for longer than its lease, or the group was
    ///   destroyed and made anew. The attempt that runs then answers for the new delivery.
    func begin(_ delivered: Delivered, leasedAt: Duration? = nil) -> Bool {
        let now = clock.now
        let leasedAt = leasedAt ?? now
        return state.withLock { state in
            if let flight = state.flights[delivered.entry] {
                (flight.deliveries, flight.leasedAt) = (delivered.deliveries, leasedAt)
                return false
            }
            state.flights[delivered.entry] = Flight(delivered, begunAt: now, leasedAt: leasedAt)
            return true
        }
    }

    /// The delivery count by which an entry is held now; nil when it is not held.
    func deliveries(of entry: Entry) -> Int? { state.withLock { $0.flights[entry]?.deliveries } }

    /// Whether the lease of an entry that runs was begun or extended so short a time ago.
    func isLeased(_ entry: Entry, for time: Duration) -> Bool {
        let now = clock.now
        return state.withLock { $0.flights[entry].map { now - $0.leasedAt < time } ?? false }
    }

    /// An attempt has ended, and from now on cannot be late.
    ///
    /// - Returns: the delivery count by which it holds its entry; nil when it has lost it, or was given up.
    func attemptEnded(_ delivered: Delivered) -> Int? {
        let now = clock.now
        return state.withLock { state in
            guard let flight = state.flights[delivered.entry], flight.delivered === delivered, !flight.isAbandoned
            else { return nil }
            if flight.endedAt == nil { flight.endedAt = now }
            return flight.deliveries
        }
    }

    /// Gives an entry the task that runs it, unless that has ended already.
    func attach(_ attempt: Task<Void, Never>, to entry: Entry) {
        state.withLock { $0.flights[entry]?.attempt = attempt }
    }

    /// Whether the attempt was cancelled because its time was up.
    func isOverdue(_ entry: Entry) -> Bool { state.withLock { $0.flights[entry]?.overdueSince != nil } }

    /// Lets an entry go: it is settled, or lost.
    func end(_ entry: Entry) {
        let (slot, none) = state.withLock { state in
            state.flights[entry] = nil
            let slot = state.slotWaiter(of: slots)
            let none = state.flights.isEmpty ? state.waitsForNone : nil
            if none != nil { state.waitsForNone = nil }
            return (slot, none)
        }
        if let (waiter, free) = slot { waiter.resume(returning: free) }
        none?.resume()
    }

    /// The entries whose lease was last renewed before a moment, ascending.
    func held(leasedBefore moment: Duration = .seconds(Int64.max)) -> [Held] {
        state.withLock { state in
            state.flights.values.filter { $0.leasedAt < moment }
                .map { Held(entry: $0.delivered.entry, deliveries: $0.deliveries) }
                .sorted { $0.entry < $1.entry }
        }
    }

    /// The entries whose attempts go on.
    func running() -> [Held] {
        state.withLock { state in
            state.flights.values.filter { !$0.hasEnded }
                .map { Held(entry: $0.delivered.entry, deliveries: $0.deliveries) }
        }
    }

    /// The jobs that have been in flight for longest, and since when; the oldest first.
    func oldest(_ count: Int) -> [(job: JobID, begunAt: Duration)] {
        let flights = state.withLock { state in
            state.flights.values.filter(\.delivered.isJob).map { (job: $0.delivered.job, begunAt: $0.begunAt) }
        }
        return Array(flights.sorted { $0.begunAt < $1.begunAt }.prefix(count))
    }

    func leased(_ entry: Entry, at moment: Duration) {
        state.withLock { $0.flights[entry]?.leasedAt = moment }
    }

    func cancel(_ entry: Entry) {
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

extension InFlight {
    /// Cancels the attempts whose time is up.
    ///
    /// - Parameter timeout: how long the attempt of a delivery may take.
    func cancelOverdue(_ timeout: @Sendable (Delivered) -> Duration?) {
        let now = clock.now
        let overdue = state.withLock { state in
            var overdue: [Task<Void, Never>?] = []
            for flight in state.flights.values where flight.overdueSince == nil && !flight.hasEnded {
                guard let timeout = timeout(flight.delivered), flight.begunAt + timeout <= now else { continue }
                flight.overdueSince = now
                overdue.append(flight.attempt)
            }
            return overdue
        }
        for attempt in overdue { attempt?.cancel() }
    }

    /// The deliveries whose attempt has gone on for so long after it was cancelled for being late. They count as given
    /// up from now on.
    func abandon(after grace: Duration) -> [(delivered: Delivered, deliveries: Int)] {
        let now = clock.now
        return state.withLock { state in
            let late = state.flights.values.filter { flight in
                !flight.isAbandoned && !flight.hasEnded && flight.overdueSince.map { $0 + grace <= now } ?? false
            }
            for flight in late {
                flight.isAbandoned = true
                state.abandoned.insert(ObjectIdentifier(flight.delivered))
            }
            return late.map { ($0.delivered, $0.deliveries) }
        }
    }

    /// An attempt that holds its entry no longer has ended.
    ///
    /// - Returns: whether it had been given up.
    func abandonedEnded(_ delivered: Delivered) -> Bool {
        let (wasAbandoned, slot) = state.withLock { state in
            let wasAbandoned = state.abandoned.remove(ObjectIdentifier(delivered)) != nil
            return (wasAbandoned, state.slotWaiter(of: slots))
        }
        if let (waiter, free) = slot { waiter.resume(returning: free) }
        return wasAbandoned
    }
}

extension InFlight {
    /// Whether ``freeSlots()`` would return at once.
    var hasFreeSlot: Bool { state.withLock { $0.isClosed || $0.free(of: slots) > 0 } }

    /// How what is in flight gets on.
    struct Standing {
        var count = 0
        /// As ``WorkerFacts/Queue`` has them.
        var late: Duration?
        var unsettled = 0
        var oldestUnsettled: Duration?
    }

    /// - Parameters:
    ///   - timeout: how long the attempt of a delivery may take.
    ///   - grace: after which an attempt that is late is given up.
    func standing(_ timeout: @Sendable (Delivered) -> Duration?, grace: Duration) -> Standing {
        let now = clock.now
        return state.withLock { state in
            var standing = Standing()
            standing.count = state.flights.count
            for flight in state.flights.values {
                // One that was given up is settled over the head of its attempt.
                let end = flight.endedAt ?? (flight.isAbandoned ? flight.overdueSince.map { $0 + grace } : nil)
                if let end {
                    standing.unsettled += 1
                    standing.oldestUnsettled = max(standing.oldestUnsettled ?? .zero, now - end)
                } else if let timeout = timeout(flight.delivered), flight.begunAt + timeout + grace < now {
                    standing.late = max(standing.late ?? .zero, now - flight.begunAt - timeout - grace)
                }
            }
            return standing
        }
    }
}
