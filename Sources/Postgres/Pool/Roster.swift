/// Which connections there are, who waits for one, and whether the server can be reached. A pure value: what is to be
/// done is returned.
///
/// A lane is a connection's thread. It ends with its connection, and a new one is started when there is an order for it.
struct Roster<Lane: AnyObject, Order: Sendable> {
    typealias Failure = (order: Order, error: PostgresError)

    /// What becomes of the orders when a lane has ended without a connection.
    struct Aftermath {
        var failures: [Failure] = []
        var hand: (order: Order, to: Lane)?
    }

    enum Admission {
        case hand(to: Lane)
        /// Start a lane with this order: the first that waits, which need not be the new one.
        case start(Order)
        case wait
        case refuse(PostgresError)
    }

    /// What a lane does next.
    enum Turn {
        case run(Order)
        /// Wait until it is handed an order.
        case park
        case end
    }

    /// Orders that are over are still among those that wait until their turn, or until there are too many.
    static var mostWaiting: Int { 1000 }

    private let limit: Int
    private var idle: [Lane] = []
    private var waiting: [Order] = []
    private var outage: Outage?
    private var isClosed = false
    /// Those with a connection, and those that make one.
    private(set) var lanes = 0
    private var connected = 0

    init(limit: Int) { self.limit = limit }

    mutating func submit(_ order: Order, now: ContinuousClock.Instant, isOver: (Order) -> Bool) -> Admission {
        if isClosed { return .refuse(.stopped) }
        // The one used last: the others may be let go by the server.
        if let lane = idle.popLast() { return .hand(to: lane) }
        if lanes < limit {
            guard let error = refusalToConnect(now) else {
                lanes += 1
                waiting.append(order)
                return .start(waiting.removeFirst())
            }
            // With some connections it is not the server that is away; it may have no room for more.
            if connected == 0 { return .refuse(error) }
        }
        if waiting.count >= Self.mostWaiting { waiting.removeAll(where: isOver) }
        guard waiting.count < Self.mostWaiting else {
            return .refuse(PostgresError(.busy, "\(Self.mostWaiting) callers wait for a connection already"))
        }
        waiting.append(order)
        return .wait
    }

    /// A lane whose connection has ended while it was idle wants a new one.
    ///
    /// - Returns: why it must not try now.
    mutating func refusalToConnect(_ now: ContinuousClock.Instant) -> PostgresError? { outage?.refusal(now) }

    mutating func hasConnected() {
        outage = nil
        connected += 1
    }

    mutating func hasDisconnected() { connected -= 1 }

    /// A lane could not connect, and ends.
    ///
    /// - Parameter isPatient: whether its order may as well wait for another lane, if there is one with a connection.
    mutating func failedToConnect(
        _ order: Order, isPatient: Bool, _ error: PostgresError, now: ContinuousClock.Instant,
        random: Double = .random(in: 0..<1)
    ) -> Aftermath {
        outage = outage ?? Outage(error)
        outage?.record(error, now, random: random)
        return mayNotConnect(order, isPatient: isPatient, error)
    }

    /// The same for a lane that was not allowed to try.
    mutating func mayNotConnect(_ order: Order, isPatient: Bool, _ error: PostgresError) -> Aftermath {
        lanes -= 1
        guard isPatient, connected > 0, !isClosed else {
            return Aftermath(failures: [(order, error)] + strandedOrders(error))
        }
        if let lane = idle.popLast() { return Aftermath(hand: (order, lane)) }
        waiting.insert(order, at: 0)
        return Aftermath()
    }

    /// A lane has run its order. One that is not connected gets another only if it may connect.
    mutating func next(
        for lane: Lane, isConnected: Bool, now: ContinuousClock.Instant
    ) -> (turn: Turn, failures: [Failure]) {
        guard isConnected else { return nextOfUnconnected(now) }
        if !waiting.isEmpty { return (.run(waiting.removeFirst()), []) }
        if isClosed {
            lanes -= 1
            connected -= 1
            return (.end, [])
        }
        idle.append(lane)
        return (.park, [])
    }

    private mutating func nextOfUnconnected(_ now: ContinuousClock.Instant) -> (turn: Turn, failures: [Failure]) {
        guard !waiting.isEmpty, !isClosed else {
            lanes -= 1
            return (.end, [])
        }
        guard let error = refusalToConnect(now) else { return (.run(waiting.removeFirst()), []) }
        lanes -= 1
        return (.end, strandedOrders(error))
    }

    /// Those that nobody is left to run.
    private mutating func strandedOrders(_ error: PostgresError) -> [Failure] {
        guard connected == 0 else { return [] }
        defer { waiting = [] }
        return waiting.map { ($0, error) }
    }

    /// No more orders are taken. Those that wait are refused; idle lanes are to be ended.
    mutating func close() -> (failures: [Failure], idle: [Lane]) {
        isClosed = true
        let ended = (failures: waiting.map { (order: $0, error: PostgresError.stopped) }, idle: idle)
        lanes -= idle.count
        connected -= idle.count
        (waiting, idle) = ([], [])
        return ended
    }
}

extension PostgresError {
    static var stopped: PostgresError { PostgresError(.unavailable, "the client was stopped") }
}
