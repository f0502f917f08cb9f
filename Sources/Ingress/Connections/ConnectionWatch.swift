import NIOCore
import Synchronization

/// Looks at the connections of one event loop, all in one task that runs while there are any. It lives on that loop.
final class ConnectionWatch {
    private let loop: any EventLoop
    private let limits: ConnectionLimits
    private var connections: [ConnectionHandler] = []
    private var task: Scheduled<Void>?

    init(_ loop: any EventLoop, _ limits: ConnectionLimits) {
        self.loop = loop
        self.limits = limits
    }

    func add(_ connection: ConnectionHandler) {
        connection.place = connections.count
        connections.append(connection)
        if task == nil { schedule() }
    }

    func remove(_ connection: ConnectionHandler) {
        let place = connection.place
        guard connections.indices.contains(place), connections[place] === connection else { return }
        connections.swapAt(place, connections.count - 1)
        connections[place].place = place
        connections.removeLast()
        if connections.isEmpty {
            task?.cancel()
            task = nil
        }
    }

    private func schedule() {
        task = loop.assumeIsolated().scheduleTask(in: TimeAmount(limits.interval)) { self.check() }
    }

    private func check() {
        task = nil
        let now = NIODeadline.now()
        // Those that are closed leave the list meanwhile.
        for connection in connections { connection.check(at: now) }
        if !connections.isEmpty, task == nil { schedule() }
    }

    /// Closes those that wait and do nothing else: first those that have never sent a request, then those that have
    /// waited the longest. Several at once, since to find them all must be looked at.
    ///
    /// - Returns: whether there were any.
    func makeRoom() -> Bool {
        let waiting = connections.compactMap { connection in
            connection.state.standing.map { (connection: connection, standing: $0) }
        }
        guard !waiting.isEmpty else { return false }
        let count = max(1, limits.maximum / 100)
        for (connection, _) in waiting.sorted(by: { $0.standing < $1.standing }).prefix(count) { connection.close() }
        return true
    }
}

/// All connections of a server, by the event loop that each is on.
final class ConnectionWatches: Sendable {
    let limits: ConnectionLimits
    private let open = Atomic(0)
    private let watches = Mutex<[ObjectIdentifier: (loop: any EventLoop, watch: NIOLoopBound<ConnectionWatch>)]>([:])

    init(_ limits: ConnectionLimits) { self.limits = limits }

    /// To be called on the loop.
    func watch(on loop: any EventLoop) -> ConnectionWatch {
        watches.withLock { watches in
            if let known = watches[ObjectIdentifier(loop)] { return known.watch }
            let watch = NIOLoopBound(ConnectionWatch(loop, limits), eventLoop: loop)
            watches[ObjectIdentifier(loop)] = (loop, watch)
            return watch
        }.value
    }

    enum Admission {
        case admitted
        /// It is to be told that there are too many.
        case surplus
        /// There are too many to tell it.
        case refused
    }

    /// Counts a connection until it is closed.
    func admit(_ channel: any Channel, to watch: ConnectionWatch) -> EventLoopFuture<Admission> {
        let (count, loop) = (open.wrappingAdd(1, ordering: .relaxed).newValue, channel.eventLoop)
        channel.closeFuture.whenComplete { _ in self.open.wrappingSubtract(1, ordering: .relaxed) }
        guard count > limits.maximum, !watch.makeRoom() else { return loop.makeSucceededFuture(.admitted) }
        let surplus = count > limits.maximum + limits.maximum / 10 + 16 ? Admission.refused : .surplus
        return makeRoom(besides: loop).map { $0 ? .admitted : surplus }
    }

    /// - Returns: whether one of the other event loops had a connection that gave way.
    private func makeRoom(besides loop: any EventLoop) -> EventLoopFuture<Bool> {
        watches.withLock { $0.values.filter { $0.loop !== loop } }
            .reduce(loop.makeSucceededFuture(false)) { found, other in
                found.flatMap { found in
                    found
                        ? loop.makeSucceededFuture(true)
                        : other.loop.submit { other.watch.value.makeRoom() }.hop(to: loop)
                }
            }
    }
}
