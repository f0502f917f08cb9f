import JobRuntime

@testable import chaos_worker

/// The model that a run is held against: every accepted job ends exactly as its outcomes say, and whatever ran more than
/// once did so because something happened to the worker that ran it before.
struct Model {
    let history: History
    let lettersByJob: [JobID: [[String: String]]]
    /// What of a worker's life can cost it a lease: to have stood still for a third of one.
    private let longStop: Instant
    /// After an incident workers need a while to find back: so long what happens is still put down to it.
    private static let aftermath: Instant = 4_000_000

    init(_ history: History) {
        self.history = history
        lettersByJob = Dictionary(grouping: history.letters.map(\.fields)) { fields in
            fields["id"].flatMap { JobID($0) } ?? JobID(milliseconds: 0, random: 0)
        }
        longStop = history.settings.lease.components.seconds * 1_000_000 / 3
    }

    /// Why a delivery came to nothing.
    enum Cause: String, CaseIterable {
        case kill, stop, shutdown, incident, hiccup
    }

    /// What can have cost a worker a job that it began at `from` and another began, or it itself again, at `to`.
    func cause(_ worker: Int, from: Instant, to: Instant) -> Cause? {
        let life = history.workers[worker]
        if life.end == .killed, life.lastSeen <= to { return .kill }
        if life.stops.contains(where: { isLong($0) && $0.overlaps(from...to) }) { return .stop }
        if incident(from: from, to: to) { return .incident }
        if let toldAt = life.toldAt, toldAt <= to { return .shutdown }
        if life.hiccups.contains(where: { $0.overlaps(from...to) }) { return .hiccup }
        return nil
    }

    /// Whether something happened to all in that time, or shortly before.
    func incident(from: Instant, to: Instant) -> Bool {
        history.incidents.contains { $0.from <= to && from <= $0.to + Self.aftermath }
    }

    /// How many things happened in that time that can have cost a delivery.
    func disturbances(from: Instant, to: Instant) -> Int {
        let incidents = history.incidents.count { $0.from <= to && from <= $0.to + Self.aftermath }
        let workers = history.workers.reduce(0) { count, life in
            let stops = (life.stops.filter(isLong) + life.hiccups).count { $0.overlaps(from...to) }
            let died = life.end == .killed && life.lastSeen <= to && life.lastSeen + Self.aftermath >= from
            return count + stops + (died ? 1 : 0)
        }
        return incidents + workers
    }

    private func isLong(_ stop: ClosedRange<Instant>) -> Bool { stop.upperBound - stop.lowerBound >= longStop }

    /// The moment of a time of Redis in milliseconds.
    func moment(_ milliseconds: String?) -> Instant? {
        milliseconds.flatMap { Instant($0) }.map { $0 * 1000 - history.epoch }
    }

    func violations() -> [Violation] {
        history.jobs.flatMap { plan in
            JobCheck(plan, self).problems().map { Violation(job: plan.number, what: $0) }
        } + uniqueViolations() + serverViolations() + workerViolations()
    }
}
