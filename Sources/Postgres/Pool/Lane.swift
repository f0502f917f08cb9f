import CLibpq
import Dispatch
import Synchronization

/// A connection's thread: it connects, runs orders one after another, and ends with the connection.
final class Lane: Sendable {
    private let pool: Pool
    private let mail = Mutex<(any PoolOrder)?>(nil)
    private let hasMail = DispatchSemaphore(value: 0)

    /// - Parameter order: what it connects for.
    init(_ pool: Pool, first order: any PoolOrder) {
        self.pool = pool
        mail.withLock { $0 = order }
        hasMail.signal()
    }

    /// Gives a parked lane something to do; nil: end.
    func hand(_ order: (any PoolOrder)?) {
        mail.withLock { $0 = order }
        hasMail.signal()
    }

    /// Starts the thread, which keeps the lane alive.
    ///
    /// - Returns: whether there is one.
    func start() -> Bool {
        let context = Unmanaged.passRetained(self)
        let failure = clibpq_start_thread(
            "postgres", { context in context.map { Unmanaged<Lane>.fromOpaque($0).takeRetainedValue().serve() } },
            context.toOpaque())
        if failure != 0 { context.release() }
        return failure == 0
    }

    private func receive() -> (any PoolOrder)? {
        hasMail.wait()
        return mail.withLock { $0.take() }
    }

    /// The thread.
    private func serve() {
        defer { pool.hasEnded() }
        var session: PostgresSession?
        var turn = Roster<Lane, any PoolOrder>.Turn.park
        while true {
            let order: any PoolOrder
            switch turn {
            case .run(let next): order = next
            case .park:
                guard let next = receive() else { return }
                order = next
            case .end: return
            }
            turn = run(order, &session)
        }
    }

    /// The lane is given back before the caller hears of it, so that its next order finds it idle.
    private func run(_ order: any PoolOrder, _ session: inout PostgresSession?) -> Roster<Lane, any PoolOrder>.Turn {
        let isNew = session == nil
        if session?.wire.isStanding() == false {
            session = nil
            pool.hasDisconnected()
        }
        guard let current = session ?? pool.connect(for: order, isAdmitted: isNew) else { return .end }
        session = current
        let tell = order.run(on: current)
        if !current.isReusable {
            session = nil
            pool.hasDisconnected()
        }
        defer { tell() }
        return pool.next(for: self, isConnected: session != nil)
    }
}
