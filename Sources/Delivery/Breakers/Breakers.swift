import JobRuntime
import Logging
import Metrics
import Synchronization

/// The breakers of a worker, by what they guard: `twilio`, `twilio +15551234567`, `webhook example.com`.
///
/// Only those are kept that have something to remember, ten thousand at most.
final class Breakers: Sendable {
    private struct State {
        var breakers: [String: Breaker] = [:]
        var gauges: BreakerGauges

        /// Changes a breaker, and shows whether it is open.
        mutating func change<Answer>(_ name: String, _ body: (inout Breaker) -> Answer) -> Answer {
            var breaker = breakers[name] ?? Breaker()
            let wasOpen = breaker.isOpen
            let answer = body(&breaker)
            breakers[name] = breaker.isPristine ? nil : breaker
            if breaker.isOpen != wasOpen { gauges.show(name, isOpen: breaker.isOpen) }
            return answer
        }

        /// What only counts failures is forgotten before what is open.
        mutating func makeRoom() {
            guard breakers.count >= Breakers.most else { return }
            breakers = breakers.filter(\.value.isOpen)
            guard breakers.count >= Breakers.most else { return }
            breakers = [:]
            gauges.reset()
        }
    }

    private let state: Mutex<State>
    private let clock: any RuntimeClock
    private let logger: Logger
    private static let most = 10_000

    init(clock: any RuntimeClock, metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger) {
        state = Mutex(State(gauges: BreakerGauges(factory: metrics)))
        self.clock = clock
        self.logger = logger
    }

    /// Shows from the start that none of a provider's is open.
    func show(_ provider: String) { state.withLock { _ = $0.gauges.meters(of: provider) } }

    /// The first of the names whose breaker refuses, and for how long; nil: all admit.
    ///
    /// - Parameter names: the wider ones first. Where a later one refuses, an earlier one's probe is given back.
    func refusal(of names: [String]) -> (name: String, wait: Duration)? {
        let now = clock.now
        return state.withLock { state in
            for (index, name) in names.enumerated() {
                guard case .refused(let wait)? = state.breakers[name]?.admit(at: now) else { continue }
                for admitted in names[..<index] { _ = state.breakers[admitted]?.record(.neither, at: now) }
                return (name, wait)
            }
            return nil
        }
    }

    func record(_ result: Breaker.Result, of names: [String], because fault: Fault?) {
        let now = clock.now
        for name in names {
            let hasOpened = state.withLock { state in
                guard state.breakers[name] != nil || result == .failure else { return false }
                state.makeRoom()
                return state.change(name) { $0.record(result, at: now) }
            }
            if hasOpened { tell(name, "too many of the last tries failed", fault) }
        }
    }

    func trip(_ name: String, for wait: Duration, because fault: Fault) {
        let now = clock.now
        let hasOpened = state.withLock { state in
            state.makeRoom()
            return state.change(name) { $0.trip(for: wait, at: now) }
        }
        if hasOpened { tell(name, "a person has to act", fault) }
    }

    private func tell(_ name: String, _ why: String, _ fault: Fault?) {
        logger.critical(
            "Breaker opened: nothing is sent there for a while",
            metadata: ["breaker": "\(name)", "why": "\(why)", "error": "\(fault?.description ?? "")"])
    }
}
