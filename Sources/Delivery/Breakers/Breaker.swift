/// Whether a destination is tried at all: closed, it is; open, it is left alone for a while; half open, one try at a
/// time finds out. A pure value: time comes in.
struct Breaker: Sendable, Equatable {
    /// Of the last tries, the latest in the lowest bit; a set bit is a failure.
    private var failures: UInt32 = 0
    private var seen = 0
    private var state = State.closed
    /// How often it has opened without having closed since: each time it stays open for longer.
    private var openings = 0

    private enum State: Sendable, Equatable {
        case closed
        case open(until: Duration)
        /// A probe is on its way since then.
        case probing(since: Duration)
    }

    /// How many tries count, and how many of them must have failed before it opens.
    static let window = 20
    static let threshold = 10
    static let shortest = Duration.seconds(5)
    static let longest = Duration.seconds(60)
    /// A probe that has not come back by then was lost.
    private static let probeLife = Duration.seconds(60)

    enum Admission: Sendable, Equatable {
        case admitted
        /// Not now; ask again after that.
        case refused(for: Duration)
    }

    /// Nothing is remembered that a new one would not know.
    var isPristine: Bool { self == Breaker() }

    var isOpen: Bool { state != .closed }

    /// - Parameter now: of a monotonic clock, from any beginning.
    mutating func admit(at now: Duration) -> Admission {
        switch state {
        case .closed: return .admitted
        case .open(let end) where now < end: return .refused(for: end - now)
        case .probing(let since) where now < since + Self.probeLife: return .refused(for: .seconds(1))
        case .open, .probing:
            state = .probing(since: now)
            return .admitted
        }
    }

    /// What came of a try that was admitted.
    enum Result: Sendable { case success, failure, neither }

    /// - Returns: whether it has opened by this.
    mutating func record(_ result: Result, at now: Duration) -> Bool {
        if case .probing = state {
            switch result {
            case .success: self = Breaker()
            case .failure: open(at: now)
            case .neither: state = .open(until: now)
            }
            return result == .failure
        }
        guard result != .neither, state == .closed else { return false }
        failures = (failures << 1 | (result == .failure ? 1 : 0)) & ((1 << Self.window) - 1)
        seen = min(seen + 1, Self.window)
        if failures == 0 { self = Breaker() }
        guard failures.nonzeroBitCount >= Self.threshold else { return false }
        open(at: now)
        return true
    }

    /// Opens at once: a person has to act before anything can succeed.
    ///
    /// - Returns: whether it was not open before.
    mutating func trip(for wait: Duration, at now: Duration) -> Bool {
        let wasOpen = isOpen
        openings += 1
        state = .open(until: now + wait)
        return !wasOpen
    }

    private mutating func open(at now: Duration) {
        let wait = min(Self.longest, Self.shortest * (1 << min(openings, 10)))
        openings += 1
        (failures, seen) = (0, 0)
        state = .open(until: now + wait)
    }
}
