import Metrics

/// What a worker counts and measures of one queue, with whatever backend swift-metrics was given. Every series is made
/// at the start: one that began with its first event would not show that as a change.
struct QueueMetrics: Sendable {
    let redelivered: Counter
    let reclaimed: Counter
    let leasesExtended: Counter
    let leasesLost: Counter
    let abandoned: Counter
    /// From when a job was put into its queue until its delivery began.
    let wait: Timer
    /// From the end of an attempt until the store has taken what came of it.
    let settling: Timer
    private let settlements: [Counter]

    init(queue: String, factory: any MetricsFactory) {
        func counter(_ label: String, _ more: [(String, String)] = []) -> Counter {
            Counter(label: label, dimensions: [("queue", queue)] + more, factory: factory)
        }
        func timer(_ label: String) -> Timer {
            Timer(label: label, dimensions: [("queue", queue)], preferredDisplayUnit: .seconds, factory: factory)
        }
        redelivered = counter("job_redeliveries_total")
        reclaimed = counter("job_reclaims_total")
        leasesExtended = counter("job_lease_extensions_total")
        leasesLost = counter("job_leases_lost_total")
        abandoned = counter("job_attempts_abandoned_total")
        wait = timer("job_wait_duration_seconds")
        settling = timer("job_settle_duration_seconds")
        settlements = SettlementEnd.allCases.map { counter("job_settlements_total", [("outcome", $0.name)]) }
    }

    func count(_ verb: Settlement.Verb, _ answer: Settlement.Answer) {
        settlements[SettlementEnd(verb, answer).rawValue].increment()
    }
}

/// What became of a delivery in the end.
private enum SettlementEnd: Int, CaseIterable {
    case done, retrying, snoozed, parked, expired, discarded, dead, unknown, released, fenced, lost

    /// As metrics call it.
    var name: String { "\(self)" }

    init(_ verb: Settlement.Verb, _ answer: Settlement.Answer) {
        switch (answer, verb) {
        case (.fenced, _): self = .fenced
        case (.lost, _): self = .lost
        case (.settled, .done): self = .done
        case (.settled, .expired): self = .expired
        case (.settled, .discarded): self = .discarded
        case (.settled, .dead(.dead, _, _)): self = .dead
        case (.settled, .dead(.unknown, _, _)): self = .unknown
        case (.settled, .release): self = .released
        case (.settled, .delay(let delay)):
            switch delay.cause {
            case .retrying: self = .retrying
            case .snoozed: self = .snoozed
            case .parked: self = .parked
            }
        }
    }
}
