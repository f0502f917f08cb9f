import Logging
import Synchronization

/// The connections of a client: the roster behind a lock, and what it decides put into effect.
final class Pool: Sendable {
    private let configuration: PostgresConfiguration
    private let roster: Mutex<Roster<Lane, any PoolOrder>>
    private let threads = Atomic(0)
    private let cutoff = Cutoff()
    private let logger: Logger

    init(_ configuration: PostgresConfiguration, connections: Int, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        roster = Mutex(Roster(limit: connections))
    }

    /// - Returns: whether the order has to wait for a connection, and how long is not known.
    func submit(_ order: any PoolOrder) -> Bool {
        switch roster.withLock({ $0.submit(order, now: .now, isOver: \.isOver) }) {
        case .hand(let lane): lane.hand(order)
        case .start(let first):
            threads.add(1, ordering: .relaxed)
            guard Lane(self, first: first).start() else {
                hasEnded()
                hasFailed(first, isPatient: true, PostgresError(.unavailable, "no thread could be started"))
                break
            }
            return true
        case .wait: return true
        case .refuse(let error): order.giveUp(error)
        }
        return false
    }

    /// - Parameter isAdmitted: whether the roster has said already that this lane may connect, for an order that knows
    ///   that it has to wait.
    /// - Returns: nil when the order was dealt with and the lane has to end.
    func connect(for order: any PoolOrder, isAdmitted: Bool) -> PostgresSession? {
        if !isAdmitted, let error = roster.withLock({ $0.refusalToConnect(.now) }) {
            settle(roster.withLock { $0.mayNotConnect(order, isPatient: false, error) })
            return nil
        }
        do throws(PostgresError) {
            let session = try PostgresSession(configuration, cutoff: cutoff, logger: logger)
            roster.withLock { $0.hasConnected() }
            return session
        } catch {
            logger.warning("Postgres is not reachable", metadata: ["error": "\(error)"])
            hasFailed(order, isPatient: isAdmitted, error)
            return nil
        }
    }

    private func hasFailed(_ order: any PoolOrder, isPatient: Bool, _ error: PostgresError) {
        settle(roster.withLock { $0.failedToConnect(order, isPatient: isPatient, error, now: .now) })
    }

    private func settle(_ aftermath: Roster<Lane, any PoolOrder>.Aftermath) {
        give(aftermath.failures)
        if let (order, lane) = aftermath.hand { lane.hand(order) }
    }

    /// A lane's thread is over, with its connection.
    func hasEnded() { threads.subtract(1, ordering: .relaxed) }

    func hasDisconnected() { roster.withLock { $0.hasDisconnected() } }

    func next(for lane: Lane, isConnected: Bool) -> Roster<Lane, any PoolOrder>.Turn {
        let (turn, failures) = roster.withLock { $0.next(for: lane, isConnected: isConnected, now: .now) }
        give(failures)
        return turn
    }

    private func give(_ failures: [Roster<Lane, any PoolOrder>.Failure]) {
        for failure in failures { failure.order.giveUp(failure.error) }
    }

    /// Takes no more orders. What has begun goes on.
    func close() {
        let (failures, idle) = roster.withLock { $0.close() }
        give(failures)
        for lane in idle { lane.hand(nil) }
    }

    /// Lets bodies that still wait for the server wait no longer.
    func cut() { cutoff.set() }

    /// Returns when the last lane has ended, or after that time.
    func drained(within time: Duration) async {
        let end = ContinuousClock.now + time
        while threads.load(ordering: .relaxed) > 0, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
