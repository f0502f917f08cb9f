/// Which connection the lane has, and who waits for one.
struct Lane: ~Copyable {
    typealias Waiter = CheckedContinuation<Result<RedisConnection, RedisError>, Never>

    enum State {
        case connecting
        case connected(RedisConnection)
        case down(RedisError)
    }

    private enum Place { case waiting(Waiter), cancelled }

    private var state = State.connecting
    private var places: [UInt64: Place] = [:]
    private var tickets: UInt64 = 0

    /// The connection, or why there is none; nil while one is being made.
    var current: Result<RedisConnection, RedisError>? {
        switch state {
        case .connecting: nil
        case .connected(let connection): .success(connection)
        case .down(let error): .failure(error)
        }
    }

    mutating func makeTicket() -> UInt64 {
        tickets += 1
        return tickets
    }

    /// - Returns: what to resume the waiter with at once; nil when it now waits.
    mutating func wait(_ ticket: UInt64, _ waiter: Waiter) -> Result<RedisConnection, RedisError>? {
        if case .cancelled = places.removeValue(forKey: ticket) { return .failure(.cancelledUnsent) }
        guard let current else {
            places[ticket] = .waiting(waiter)
            return nil
        }
        return current
    }

    /// - Returns: the waiter to resume, if it waits already; else it will not wait.
    mutating func cancel(_ ticket: UInt64) -> Waiter? {
        if case .waiting(let waiter) = places.removeValue(forKey: ticket) { return waiter }
        if current == nil { places[ticket] = .cancelled }
        return nil
    }

    /// - Returns: whom to resume, and with what.
    mutating func become(_ state: State) -> [(Waiter, Result<RedisConnection, RedisError>)] {
        self.state = state
        guard let current else { return [] }
        defer { places = [:] }
        return places.values.compactMap { if case .waiting(let waiter) = $0 { (waiter, current) } else { nil } }
    }
}
