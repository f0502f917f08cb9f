import Synchronization

/// A body that is to run on a connection, whatever it returns.
protocol PoolOrder: AnyObject, Sendable {
    /// Runs it, unless it was given up.
    ///
    /// - Returns: what tells who waits for it.
    func run(on session: PostgresSession) -> () -> Void
    /// Ends it, unless it has begun.
    func giveUp(_ error: PostgresError)
    var isOver: Bool { get }
}

/// One body's way through the pool, and who waits for its end.
final class Order<Value: Sendable>: PoolOrder {
    private enum Phase { case queued, begun, over }

    private struct State {
        var phase = Phase.queued
        var result: Result<Value, any Error>?
        var waiter: CheckedContinuation<Value, any Error>?
    }

    private let body: @Sendable (PostgresSession) throws -> Value
    private let state = Mutex(State())

    init(_ body: @escaping @Sendable (PostgresSession) throws -> Value) { self.body = body }

    /// What the body returns or throws. To be asked for once.
    var value: Value {
        get async throws {
            try await withCheckedThrowingContinuation { waiter in
                let result = state.withLock { state in
                    if state.result == nil { state.waiter = waiter }
                    return state.result
                }
                if let result { waiter.resume(with: result) }
            }
        }
    }

    var isOver: Bool { state.withLock { $0.phase == .over } }

    func run(on session: PostgresSession) -> () -> Void {
        let mayBegin = state.withLock { state in
            guard state.phase == .queued else { return false }
            state.phase = .begun
            return true
        }
        guard mayBegin else { return {} }
        let result = Result { try body(session) }
        return { self.end(result, in: .begun) }
    }

    func giveUp(_ error: PostgresError) { end(.failure(error), in: .queued) }

    /// Gives it up as `busy` after a while.
    func expire(after time: Duration) async {
        guard (try? await Task.sleep(for: time)) != nil else { return }
        giveUp(PostgresError(.busy, "all connections were busy for \(time)"))
    }

    private func end(_ result: Result<Value, any Error>, in phase: Phase) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            guard state.phase == phase else { return nil }
            state.phase = .over
            state.result = result
            return state.waiter.take()
        }
        waiter?.resume(with: result)
    }
}
