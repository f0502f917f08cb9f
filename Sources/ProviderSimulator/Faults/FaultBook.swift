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
/// A message's directives come first, then its recipient's script, then the rules in the order in which they were made;
/// the first effect ends it.
final class FaultBook: Sendable {
    private struct State {
        var latency: [Provider: Latency]
        var rules: [(rule: FaultRule, directive: Directive)] = []
        var scripts: [String: RecipientScript] = [:]
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
            // An attempt is an attempt, whatever else it meets.
            let step = state.scripts[RecipientScript.key(of: arrival.to)]?.next()
            for (index, directive) in directives.enumerated() where directive.concerns(arrival.provider) {
                guard state.played.play(directive, at: index, of: identity) else { continue }
                if verdict.add(directive.fault, from: "a directive in the message") { return verdict }
            }
            if let step, step.concerns(arrival.provider),
                verdict.add(step.fault, from: "the script of the recipient")
            {
                return verdict
            }
            for index in state.rules.indices where state.rules[index].directive.concerns(arrival.provider) {
                let directive = state.rules[index].directive
                guard state.rules[index].rule.meets(arrival, burst: directive.burst) else { continue }
                if verdict.add(directive.fault, from: "a rule of the simulator") { return verdict }
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
        state.withLock { $0.rules.append((rule, directive)) }
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

    func script(of recipient: String) -> RecipientScript? {
        state.withLock { $0.scripts[RecipientScript.key(of: recipient)] }
    }

    /// - Parameter script: nil takes it away.
    func setScript(_ script: RecipientScript?, of recipient: String) {
        state.withLock { $0.scripts[RecipientScript.key(of: recipient)] = script }
    }
}

extension Verdict {
    /// - Returns: whether the fault's effect ends the search.
    fileprivate mutating func add(_ fault: Fault, from source: String) -> Bool {
        delay += fault.delay
        if self.fault == nil { self.fault = fault } else { self.fault?.add(fault) }
        self.source = source
        return fault.effect != nil
    }
}
