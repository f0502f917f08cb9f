import JobRuntime

@testable import chaos_worker

extension JobPlan {
    /// The job of a number, decided by the seed alone but for the time in its id.
    ///
    /// - Parameters:
    ///   - milliseconds: Unix time, for its id.
    ///   - isCalm: nothing that disturbs a worker or depends on when something happens.
    init(number: Int, seed: UInt64, milliseconds: Int64, isCalm: Bool) {
        var random = SplitMix64(seed: seed, stream: UInt64(number))
        let id = JobID(milliseconds: milliseconds, random: random.next())
        let templates = Template.all.filter { !isCalm || !$0.isDisturbing }
        let template = random.pick(templates.map { ($0.weight, $0) })
        let (steps, end) = template.make(&random)
        self.init(number: number, id: id, steps: steps, end: end)
        (payload, expiry) = (template.payload, template.expiry)
        if case .never = expiry, random.happens(100) { expiry = .inHalfAnHour }
        queue = random.happens(750) ? Chaos.tracked : Chaos.untracked
        lane = random.pick([(2, .high), (6, .normal), (2, .low)])
        if random.happens(150) { delay = random.int(1...2000) }
        isOfferedAgain = random.happens(500)
        guard queue.isTracked, !isCalm else { return }
        if random.happens(50), payload == .chaos {
            let key = random.int(0...number / 100)
            let isWhileUnfinished = random.happens(500)
            unique = Unique(
                key: isWhileUnfinished ? "open-\(key)" : "hour-\(key)", isWhileUnfinished: isWhileUnfinished)
        }
        if random.happens(60) { cancellation = random.int(0...400) }
        isRepeated = random.happens(30)
    }
}

/// A sort of job: what its steps may be and how it ends.
private struct Template {
    /// How often it is taken.
    var weight: Int
    var payload = JobPlan.Payload.chaos
    var expiry = JobPlan.Expiry.never
    var isDisturbing = false
    var make: @Sendable (inout SplitMix64) -> ([Step], JobPlan.End)

    static let all: [Template] = [
        Template(weight: 400) { random in ([.succeed(&random)], .succeeded) },
        Template(weight: 180) { random in (failures(&random, 1...3) + [.succeed(&random)], .succeeded) },
        Template(weight: 80) { random in
            let steps = failures(&random, 0...2) + snoozes(&random, 1...2) + failures(&random, 0...1)
            return (steps.shuffled(using: &random) + [.succeed(&random)], .succeeded)
        },
        // Longer than a lease, some whoever cancels.
        Template(weight: 20) { random in
            ([Step(end: .succeed, runs: random.int(1600...3500), isDeaf: random.happens(300))], .succeeded)
        },
        Template(weight: 60) { random in (failures(&random, 0...2) + [Step(end: .dead)], .dead(.permanent)) },
        Template(weight: 40) { random in (failures(&random, 0...2) + [Step(end: .unknown)], .unknown) },
        Template(weight: 30) { random in (failures(&random, 6...6), .dead(.exhausted)) },
        Template(weight: 20, payload: .undecodable) { _ in ([Step(end: .dead)], .dead(.undecodable)) },
        Template(weight: 15, payload: .late) { random in
            ((0..<2).map { _ in Step(end: .overrun) }, .dead(.exhausted))
        },
        Template(weight: 10, payload: .late) { random in
            ((0..<2).map { _ in Step(end: .stubborn, runs: random.int(1500...2500)) }, .dead(.exhausted))
        },
        Template(weight: 20, expiry: .passed) { _ in ([], .expired) },
        // No time for another attempt, or until the snooze is over.
        Template(weight: 20, expiry: .inHalfAnHour) { random in
            let last = Step(end: random.happens(500) ? .retry : .snooze, wait: 2 * 3_600_000)
            return (failures(&random, 0...2) + [last], .expired)
        },
        Template(weight: 20) { random in
            (failures(&random, 0...2) + [Step(end: .retry, wait: 7 * 3_600_000)], .dead(.tooOld))
        },
        Template(weight: 4, isDisturbing: true) { _ in ([Step(end: .crash)], .succeeded) },
    ]

    private static func failures(_ random: inout SplitMix64, _ count: ClosedRange<Int>) -> [Step] {
        (0..<random.int(count)).map { _ in
            Step(
                end: random.happens(600) ? .retry : .fail, runs: random.shortTime(), wait: random.int(0...300),
                isDeaf: random.happens(200))
        }
    }

    private static func snoozes(_ random: inout SplitMix64, _ count: ClosedRange<Int>) -> [Step] {
        (0..<random.int(count)).map { _ in
            Step(end: .snooze, runs: random.shortTime(), wait: random.int(0...500))
        }
    }
}

extension Step {
    fileprivate static func succeed(_ random: inout SplitMix64) -> Step {
        Step(end: .succeed, runs: random.shortTime(), isDeaf: random.happens(200))
    }
}

extension SplitMix64 {
    /// Milliseconds: often nothing, sometimes a good part of a lease.
    fileprivate mutating func shortTime() -> Int {
        pick([(5, 0...0), (4, 1...40), (1, 100...800)] as [(Int, ClosedRange<Int>)]).random(using: &self)
    }
}

extension ClosedRange<Int> {
    fileprivate func random(using random: inout SplitMix64) -> Int { random.int(self) }
}
