import Synchronization

/// Who was refused by its rate, and until when: nobody can be let in before, so that whoever storms on costs Redis nothing.
final class Refusals: Sendable {
    /// More than that at once is forgotten: Redis knows them.
    static let capacity = 10_000

    private struct Refusal {
        var until: ContinuousClock.Instant
        var standing: Standing
    }

    private let known = Mutex<[LimitAsk: Refusal]>([:])

    func add(_ ask: LimitAsk, _ standing: Standing) {
        guard let wait = standing.rate?.wait else { return }
        known.withLock { known in
            if known.count >= Self.capacity {
                let now = ContinuousClock.now
                known = known.filter { $0.value.until > now }
                if known.count >= Self.capacity { known = [:] }
            }
            known[ask] = Refusal(until: .now + .microseconds(wait), standing: standing)
        }
    }

    /// How a caller stands that would be refused; nil: ask Redis.
    func standing(_ ask: LimitAsk) -> Standing? {
        known.withLock { known in
            guard !known.isEmpty, let refusal = known[ask] else { return nil }
            let left = refusal.until - .now
            guard left > .zero else {
                known[ask] = nil
                return nil
            }
            var standing = refusal.standing
            standing.rate?.wait = Int64(left / .microseconds(1))
            return standing
        }
    }
}
