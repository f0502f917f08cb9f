import NIOCore

/// What a connection waits for, and since when: a pure value, to which its handler tells what happens.
struct ConnectionState {
    enum Reading: Equatable {
        /// For the first byte of a request.
        case nothing(since: NIODeadline)
        case head(since: NIODeadline)
        /// - Parameters:
        ///   - since: the beginning of the span that is judged now.
        ///   - bytes: what came in it.
        ///   - rest: what is still to come; nil: not known.
        case body(since: NIODeadline, bytes: Int, rest: Int?)
    }

    enum Verdict: Equatable {
        case fine
        /// Nobody waits for an answer.
        case close
        case headTooSlow
        case bodyTooSlow
    }

    private(set) var reading: Reading
    /// Requests whose head has come.
    private(set) var requests = 0
    private(set) var answers = 0
    /// After how many answers the connection ends; nil: it does not.
    private var last: Int?
    /// Its last answer was written; when it is closed if the client does not close it before.
    private(set) var lingersUntil: NIODeadline?
    private var mustBeDoneBy: NIODeadline?
    private var isStopping = false
    private var hasFailed = false
    /// Since when so many bytes wait for the client to take them.
    private var unread: (since: NIODeadline, bytes: Int)?

    init(now: NIODeadline) { reading = .nothing(since: now) }

    var isLingering: Bool { lingersUntil != nil }

    /// Nothing is being answered.
    var isQuiet: Bool { requests == answers }
}

// MARK: - What the client sends

extension ConnectionState {
    /// Bytes came; what they mean is not known yet, if they are the beginning of a head.
    mutating func received(at now: NIODeadline) {
        if case .nothing = reading { reading = .head(since: now) }
    }

    /// - Parameter length: of the body; nil: not known.
    mutating func receivedHead(length: Int?, keepsAlive: Bool, at now: NIODeadline) {
        requests += 1
        reading = .body(since: now, bytes: 0, rest: length)
        if !keepsAlive || isStopping { endAfterAll() }
    }

    mutating func receivedBody(_ count: Int) {
        guard case .body(let since, let bytes, let rest) = reading else { return }
        reading = .body(since: since, bytes: bytes + count, rest: rest.map { $0 - count })
    }

    mutating func receivedEnd(at now: NIODeadline) { reading = .nothing(since: now) }
}

// MARK: - What the server answers

extension ConnectionState {
    /// What a client may send to no purpose before the connection is given up for it.
    private static let spare = 64 << 10

    /// - Parameter isAwaited: the client sends the body only if it is asked to, and was not.
    /// - Returns: whether the connection ends with this answer. It does where much of the body would have to be read
    ///   only to be thrown away.
    mutating func beginAnswer(bodyIsAwaited isAwaited: Bool) -> Bool {
        if answers + 1 == requests, case .body(_, _, let rest) = reading,
            isAwaited || rest.map({ $0 > Self.spare }) ?? true
        {
            endAfterAll()
        }
        return last == answers + 1
    }

    /// - Returns: whether the connection is to be ended.
    mutating func endAnswer(at now: NIODeadline) -> Bool {
        answers += 1
        // What came meanwhile could not be read.
        switch reading {
        case .nothing: reading = .nothing(since: now)
        case .head: reading = .head(since: now)
        case .body(_, _, let rest): reading = .body(since: now, bytes: 0, rest: rest)
        }
        return last.map { answers >= $0 } ?? false
    }

    /// No request is taken after those that have begun.
    mutating func endAfterAll() { last = min(last ?? requests, requests) }

    mutating func linger(until end: NIODeadline) { lingersUntil = lingersUntil ?? end }

    /// The server stops.
    ///
    /// - Returns: whether the connection has nothing to finish.
    mutating func stop(by end: NIODeadline) -> Bool {
        isStopping = true
        mustBeDoneBy = min(mustBeDoneBy ?? end, end)
        guard isQuiet else {
            endAfterAll()
            return false
        }
        if case .head = reading { return false }
        return true
    }

    /// The request that is being read has come to nothing. Its answer may still be given.
    mutating func fail(by end: NIODeadline) {
        hasFailed = true
        endAfterAll()
        mustBeDoneBy = min(mustBeDoneBy ?? end, end)
    }
}

// MARK: - Judgement

extension ConnectionState {
    func verdict(at now: NIODeadline, _ limits: ConnectionLimits) -> Verdict {
        if let lingersUntil { return now >= lingersUntil ? .close : .fine }
        if let mustBeDoneBy, now >= mustBeDoneBy { return .close }
        if hasFailed { return .fine }
        switch reading {
        case .nothing(let since) where isQuiet:
            return now - since >= TimeAmount(requests == 0 ? limits.headTimeout : limits.keepAlive) ? .close : .fine
        case .head(let since) where isQuiet:
            return now - since >= TimeAmount(limits.headTimeout) ? .headTooSlow : .fine
        case .body(let since, let bytes, _) where requests - answers <= 1:
            guard now - since >= TimeAmount(limits.bodyTimeout) else { return .fine }
            return bytes < limits.bodyTimeout.leastBytes ? (isQuiet ? .close : .bodyTooSlow) : .fine
        default:
            return .fine
        }
    }

    /// Begins the next span of a body that was judged.
    mutating func judgedBody(at now: NIODeadline, _ limits: ConnectionLimits) {
        guard case .body(let since, _, let rest) = reading, now - since >= TimeAmount(limits.bodyTimeout) else {
            return
        }
        reading = .body(since: now, bytes: 0, rest: rest)
    }

    /// - Parameter bytes: that wait for the client to take them; 0: none.
    /// - Returns: whether it takes them too slowly.
    mutating func isStuck(unread bytes: Int, at now: NIODeadline, _ limits: ConnectionLimits) -> Bool {
        guard bytes > 0 else {
            unread = nil
            return false
        }
        guard let before = unread, before.bytes >= bytes else {
            unread = (now, bytes)
            return false
        }
        guard now - before.since >= TimeAmount(limits.writeTimeout) else { return false }
        unread = (now, bytes)
        return before.bytes - bytes < limits.writeTimeout.leastBytes
    }

    /// How readily it gives way to a new connection: the lower the more. Nil: it does not.
    var standing: Standing? {
        guard isQuiet, !isLingering else { return nil }
        switch reading {
        case .nothing(let since), .head(let since): return Standing(hasServed: requests > 0, since: since)
        case .body: return nil
        }
    }

    struct Standing: Comparable {
        let hasServed: Bool
        let since: NIODeadline

        static func < (one: Standing, other: Standing) -> Bool {
            one.hasServed == other.hasServed ? one.since < other.since : !one.hasServed
        }
    }
}

extension Duration {
    fileprivate var leastBytes: Int { Int(self / .milliseconds(1)) * ConnectionLimits.leastRate / 1000 }
}
