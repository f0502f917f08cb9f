import CLibpq
import Dispatch
import Logging
import Synchronization

/// A connection's thread: it connects, runs orders one after another, and ends with the connection.
final class Lane: Sendable {
    private let pool: Pool
    private let mail = Mutex<(any PoolOrder)?>(nil)
    private let hasMail = DispatchSemaphore(value: 0)

    /// Starts the thread.
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

    /// - Returns: whether there is a thread.
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
        var session: PostgresSession?
        var mayConnect = true
        var next = receive()
        while let order = next.take() {
            if session?.wire.isStanding() == false {
                session = nil
                pool.hasDisconnected()
                mayConnect = false
            }
            session = session ?? pool.connect(for: order, isAdmitted: mayConnect)
            guard let current = session else { return }
            order.run(on: current)
            if !current.isReusable {
                session = nil
                pool.hasDisconnected()
            }
            switch pool.next(for: self, isConnected: session != nil) {
            case .run(let order): (next, mayConnect) = (order, true)
            case .park: break
            case .end: return
            }
            if next == nil { next = receive() }
        }
    }
}
