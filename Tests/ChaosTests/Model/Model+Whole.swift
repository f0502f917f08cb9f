import JobRuntime

@testable import chaos_worker

// What is to be seen of no single job.

extension Model {
    /// Of all jobs with one key only one is taken; or, where the key holds while its job is unfinished, one at a time.
    func uniqueViolations() -> [Violation] {
        var violations: [Violation] = []
        let byKey = Dictionary(grouping: history.jobs.filter { $0.unique != nil }) { $0.unique }
        for (unique, plans) in byKey {
            guard let unique else { continue }
            let moves = plans.flatMap { plan in (history.events[plan.id] ?? []).map { (plan.number, $0) } }
                .sorted { $0.1.index < $1.1.index }
            var holder: Int?
            for (number, event) in moves {
                switch event.type {
                case "accepted":
                    if let holder {
                        violations.append(Violation(job: number, what: "\(unique) is already held by job \(holder)"))
                    }
                    holder = number
                case "succeeded", "dead", "canceled", "expired": if unique.isWhileUnfinished { holder = nil }
                default: break
                }
            }
            let ids = Set(plans.map(\.id))
            for plan in plans {
                if case .duplicate(let first) = history.admissions[plan.number], !ids.contains(first) {
                    violations.append(
                        Violation(job: plan.number, what: "a duplicate of a job with another key: \(first)"))
                }
            }
        }
        return violations
    }

    func serverViolations() -> [Violation] {
        var violations = history.leftovers.map { Violation(what: "left on the server: \($0)") }
        let known = Set(history.jobs.map(\.id))
        for id in Set(history.records.keys).union(history.runs.keys).union(history.events.keys).union(lettersByJob.keys)
        where !known.contains(id) {
            violations.append(Violation(what: "a job that nobody knows: \(id)"))
        }
        for letter in history.letters where letter.fields["id"].flatMap({ JobID($0) }) == nil {
            violations.append(Violation(what: "a dead letter of no job: \(letter)"))
        }
        for (key, lock) in history.uniqueKeys where lock.life <= 0 || lock.life > 3_600_000 {
            violations.append(Violation(what: "\(key), held by \(lock.holder), stands for \(lock.life) ms"))
        }
        return violations
    }

    /// Workers that were told to leave have done so, and each settlement that was fenced is counted.
    func workerViolations() -> [Violation] {
        history.workers.enumerated().flatMap { number, worker -> [Violation] in
            switch worker.end {
            case .killed: return []
            case .running: return [Violation(what: "\(worker.name) was not told to leave")]
            case .left(let status):
                guard status == 0, worker.hasLeft else {
                    return [Violation(what: "\(worker.name) has left with status \(status)")]
                }
                let proven = provenFenced(number)
                guard worker.tally.fenced < proven else { return [] }
                return [
                    Violation(what: "\(worker.name) counted \(worker.tally.fenced) fenced settlements of \(proven)")
                ]
            }
        }
    }

    /// How many settlements of a worker were certainly refused: of runs that came to an outcome, while nothing was wrong
    /// with the network or Redis, and that were settled by another.
    func provenFenced(_ worker: Int) -> Int {
        let consumer = history.workers[worker].consumer
        // What ends later may have been handed back before.
        let toldAt = history.workers[worker].toldAt ?? .max
        return history.jobs.filter(\.queue.isTracked).reduce(0) { count, plan in
            let runs = (history.runs[plan.id] ?? []).filter { run in
                guard run.worker == worker, let end = run.end, end < toldAt else { return false }
                return plan.payload != .late && !incident(from: run.begin, to: end + 10_000_000)
            }
            let settled = (history.events[plan.id] ?? []).count { event in
                event.consumer == consumer && runs.contains { $0.attempt == event.attempt }
            }
            return count + max(0, runs.count { !$0.isHandedBack } - settled)
        }
    }
}
