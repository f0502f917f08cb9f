import JobRuntime
import Logging
import Synchronization

/// The breakers of a worker, by what they guard: `twilio`, `twilio +15551234567`, `webhook example.com`.
///
/// Only those are kept that have something to remember, ten thousand at most.
final class Breakers: Sendable {
    private let breakers = Mutex<[String: Breaker]>([:])
    private let clock: any RuntimeClock
    private let logger: Logger
    private static let most = 10_000

    init(clock: any RuntimeClock, logger: Logger) {
        self.clock = clock
        self.logger = logger
    }

    /// The first of the names whose breaker refuses, and for how long; nil: all admit.
    ///
    /// - Parameter names: the wider ones first. Where a later one refuses, an earlier one's probe is given back.
    func refusal(of names: [String]) -> (name: String, wait: Duration)? {
        let now = clock.now
        return breakers.withLock { breakers in
            for (index, name) in names.enumerated() {
                guard case .refused(let wait)? = breakers[name]?.admit(at: now) else { continue }
                for admitted in names[..<index] { _ = breakers[admitted]?.record(.neither, at: now) }
                return (name, wait)
            }
            return nil
        }
    }

    func record(_ result: Breaker.Result, of names: [String], because fault: Fault?) {
        let now = clock.now
        for name in names {
            let hasOpened = breakers.withLock { breakers in
                guard breakers[name] != nil || result == .failure else { return false }
                Self.makeRoom(in: &breakers)
                var breaker = breakers[name] ?? Breaker()
                let hasOpened = breaker.record(result, at: now)
                breakers[name] = breaker.isPristine ? nil : breaker
                return hasOpened
            }
            if hasOpened { tell(name, "too many of the last tries failed", fault) }
        }
    }

    func trip(_ name: String, for wait: Duration, because fault: Fault) {
        let now = clock.now
        let hasOpened = breakers.withLock { breakers in
            Self.makeRoom(in: &breakers)
            return breakers[name, default: Breaker()].trip(for: wait, at: now)
        }
        if hasOpened { tell(name, "a person has to act", fault) }
    }

    /// What only counts failures is forgotten before what is open.
    private static func makeRoom(in breakers: inout [String: Breaker]) {
        guard breakers.count >= most else { return }
        breakers = breakers.filter(\.value.isOpen)
        if breakers.count >= most { breakers = [:] }
    }

    private func tell(_ name: String, _ why: String, _ fault: Fault?) {
        logger.critical(
            "Breaker opened: nothing is sent there for a while",
            metadata: ["breaker": "\(name)", "why": "\(why)", "error": "\(fault?.description ?? "")"])
    }
}
