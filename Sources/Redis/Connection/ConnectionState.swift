import DequeModule

/// What a connection knows, as a pure value: which commands wait for an answer, in the order they were written, and
/// what each thing that happens means for them. It does no I/O; ``ConnectionHandler`` does what the actions say.
///
/// `Token` stands for whoever waits for an answer. A command whose task was cancelled leaves a tombstone: its answer
/// will come and must be taken off the wire, but nobody waits for it, and its neighbours notice nothing.
struct ConnectionState<Token: Sendable, Instant: Comparable & Sendable>: ~Copyable {
    private enum Phase { case handshaking(left: Int), ready, closed(RedisError) }

    private enum Waiter {
        case token(Token)
        case handshake
        case tombstone
    }

    private struct Entry {
        var waiter: Waiter
        var deadline: Instant
    }

    private var phase: Phase
    private var entries: Deque<Entry> = []

    /// - Parameters:
    ///   - handshake: how many commands are written first, whose answers decide whether the connection may be used.
    ///   - deadline: when their answers must have come.
    init(handshake: Int, deadline: Instant) {
        phase = handshake == 0 ? .ready : .handshaking(left: handshake)
        for _ in 0..<handshake { entries.append(Entry(waiter: .handshake, deadline: deadline)) }
    }

    /// When the answer that is due first must have come, or nil when none is awaited.
    ///
    /// Answers come in order, so the first is the one to watch.
    var nextDeadline: Instant? { entries.first?.deadline }

    enum SendAction { case write, fail(RedisError) }

    /// A command is about to be written.
    mutating func send(_ token: Token, deadline: Instant) -> SendAction {
        if case .closed(let error) = phase { return .fail(error.ofUnsentCommand()) }
        entries.append(Entry(waiter: .token(token), deadline: deadline))
        return .write
    }

    enum ReceiveAction {
        /// It is the answer to this command.
        case answer(Token)
        /// As `answer`; then the connection is to be closed, because the server will take no writes on it.
        case answerAndClose(Token, RedisError)
        case becameReady
        case close(RedisError)
        case nothing
    }

    /// A whole reply has come.
    ///
    /// - Parameter error: what it says went wrong, if it is an error.
    mutating func receive(error: String? = nil) -> ReceiveAction {
        guard let entry = entries.popFirst() else {
            let what = "a reply to no command\(error.map { ": \($0)" } ?? "")"
            return .close(RedisError(.brokenProtocol, what.prefix(120).description))
        }
        switch entry.waiter {
        case .tombstone: return .nothing
        case .handshake: return receiveHandshake(error)
        case .token(let token):
            if let error, error.hasPrefix("READONLY") {
                return .answerAndClose(
                    token, RedisError(.connectionLost, "the server became a replica", mayHaveRun: true))
            }
            return .answer(token)
        }
    }

    private mutating func receiveHandshake(_ error: String?) -> ReceiveAction {
        guard case .handshaking(let left) = phase else { return .nothing }
        if let error { return .close(RedisError(.refused, error)) }
        phase = left == 1 ? .ready : .handshaking(left: left - 1)
        return left == 1 ? .becameReady : .nothing
    }

    /// The task of a command was cancelled.
    ///
    /// - Returns: whether the command was still awaited; it may have run then.
    mutating func cancel(where matches: (Token) -> Bool) -> Token? {
        for index in entries.indices {
            guard case .token(let token) = entries[index].waiter, matches(token) else { continue }
            entries[index].waiter = .tombstone
            return token
        }
        return nil
    }

    /// The time has come that ``nextDeadline`` named.
    ///
    /// - Returns: why the connection is to be closed, or nil when the answer had come meanwhile.
    func expire(at now: Instant) -> RedisError? {
        guard let deadline = nextDeadline, deadline <= now else { return nil }
        return RedisError(.timedOut, "no answer in time", mayHaveRun: true)
    }

    /// The connection is gone.
    ///
    /// - Returns: everybody who still waits, in order; each of their commands may have run.
    mutating func close(_ error: RedisError) -> [Token] {
        guard case .closed = phase else {
            phase = .closed(error)
            defer { entries.removeAll() }
            return entries.compactMap { if case .token(let token) = $0.waiter { token } else { nil } }
        }
        return []
    }
}
