import Foundation
import Synchronization

/// What a request is to meet.
struct Verdict: Sendable {
    var delay: Duration = .zero
    /// nil: the provider behaves.
    var fault: Fault?
    /// Who asked for the fault.
    var source = ""
}

/// The latencies and faults in force, and which of a message's own directives were played already.
///
/// A message's directives come first, then the rules in the order in which they were made; the first effect ends it.
final class FaultBook: Sendable {
    private struct State {
        var latency: [Provider: Latency]
        var rules: [(rule: FaultRule, fault: Fault)] = []
        var played: PlayedDirectives
    }

    private let state: Mutex<State>
    private let held = Atomic(0)

    /// Requests that hang at this moment.
    var hanging: Int { held.load(ordering: .relaxed) }

    /// - Parameter rememberedMessages: how many messages' played directives are remembered.
    init(latency: [Provider: Latency] = [:], rememberedMessages: Int = 100_000) {
        state = Mutex(State(latency: latency, played: PlayedDirectives(capacity: rememberedMessages)))
    }

    func verdict(on arrival: Arrival) throws(DirectiveError) -> Verdict {
        let directives = try Directive.find(in: arrival)
        let identity = directives.contains { $0.times != nil } ? arrival.identity : nil
        return state.withLock { state in
            var verdict = Verdict()
            if let latency = state.latency[arrival.provider] { verdict.delay = latency.draw() }
            for (index, directive) in directives.enumerated() {
                guard state.played.play(directive, at: index, of: identity) else { continue }
                if verdict.add(directive.fault, from: "a directive in the message") { return verdict }
            }
            for index in state.rules.indices where state.rules[index].rule.matches(arrival) {
                if let remaining = state.rules[index].rule.remaining {
                    state.rules[index].rule.remaining = remaining - 1
                }
                if verdict.add(state.rules[index].fault, from: "a rule of the simulator") { return verdict }
            }
            return verdict
        }
    }

    /// Counts a request as hanging for as long as the body runs.
    func hold(_ body: () async -> Void) async {
        held.add(1, ordering: .relaxed)
        await body()
        held.subtract(1, ordering: .relaxed)
    }

    var rules: [FaultRule] { state.withLock { $0.rules.map(\.rule) } }

    var latency: [Provider: Latency] { state.withLock(\.latency) }

    func setLatency(_ latency: Latency?, for provider: Provider?) {
        state.withLock { state in
            for provider in provider.map({ [$0] }) ?? Provider.allCases { state.latency[provider] = latency }
        }
    }

    func add(_ rule: FaultRule) throws(DirectiveError) -> FaultRule {
        let directive = try Directive(parsing: rule.fault)
        var rule = rule
        rule.remaining = directive.times
        state.withLock { $0.rules.append((rule, directive.fault)) }
        return rule
    }

    /// - Returns: whether there was such a rule.
    func remove(_ id: UUID) -> Bool {
        state.withLock { state in
            let before = state.rules.count
            state.rules.removeAll { $0.rule.id == id }
            return state.rules.count < before
        }
    }

    func removeAllRules() {
        state.withLock { $0.rules = [] }
    }
}

extension Verdict {
    /// - Returns: whether the fault's effect ends the search.
    fileprivate mutating func add(_ fault: Fault, from source: String) -> Bool {
        delay += fault.delay
        self.fault = fault
        self.source = source
        return fault.effect != nil
    }
}

/// How often each directive of a message was played, for the last messages that counted.
struct PlayedDirectives: Sendable {
    private struct Key: Hashable, Sendable {
        let message: MessageIdentity
        let index: Int
    }

    private var counts: [Key: Int] = [:]
    private var order: RecentRing<Key>

    init(capacity: Int) {
        order = RecentRing(capacity: capacity)
    }

    /// - Returns: false if the directive is used up for this message.
    mutating func play(_ directive: Directive, at index: Int, of message: MessageIdentity?) -> Bool {
        guard let times = directive.times, let message else { return true }
        let key = Key(message: message, index: index)
        let played = counts[key] ?? 0
        guard played < times else { return false }
        if played == 0, let evicted = order.append(key) { counts[evicted] = nil }
        counts[key] = played + 1
        return true
    }
}
