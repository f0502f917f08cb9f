import JobRuntime

@testable import chaos_worker

/// What a run is said to have been: its counts, and each rule it broke with all that is known of the job.
struct Report {
    let history: History
    let model: Model
    let violations: [Violation]

    init(_ history: History) {
        self.history = history
        model = Model(history)
        violations = model.violations()
    }

    /// The counts, a line each.
    var counts: String {
        let admissions = Array(history.admissions.values)
        let runs = history.runs.values.joined()
        let left = history.workers.filter { $0.hasLeft }
        let tally = history.workers.map(\.tally).reduce(WorkerTally(), +)
        let duplicates = duplicates
        var lines = [
            "seed \(history.settings.seed), \(history.settings.jobs) jobs, \(history.settings.workers) workers, "
                + "\(history.settings.duration) of faults, \(history.elapsed.components.seconds) s in all",
            "jobs: \(admissions.count { $0 == .accepted }) accepted, \(admissions.count { $0 == .refused }) refused, "
                + "\(admissions.count { if case .duplicate = $0 { true } else { false } }) duplicates, "
                + "\(history.uncertain.count) uncertain (\(appeared) of them were there); \(history.refusals) refusals",
            "ends: \(ends)",
            "runs: \(runs.count), \(runs.count { $0.word == nil }) cut off, "
                + "\(runs.count(where: \.isHandedBack)) handed back; told of an earlier delivery: "
                + "\(runs.count { $0.deliveries > 1 })",
            "run again: \(duplicates.values.reduce(0, +)) ("
                + Model.Cause.allCases.map { "\($0.rawValue) \(duplicates[$0] ?? 0)" }.joined(separator: ", ")
                + "), \(lateStarts) of a late delivery",
            "fenced: \(tally.fenced) counted, "
                + "\(history.workers.indices.reduce(0) { $0 + model.provenFenced($1) }) proven",
            "workers: \(history.workers.count), \(left.count) left; done \(tally.done), failed \(tally.failed), "
                + "snoozed \(tally.snoozed), expired \(tally.expired), reclaimed \(tally.reclaimed), "
                + "released \(tally.released), abandoned \(tally.abandoned)",
            "faults: "
                + history.faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                .joined(separator: ", ") + hiccups,
        ]
        lines.append(violations.isEmpty ? "the model holds" : "\(violations.count) violations")
        return lines.map { "  \($0)\n" }.joined()
    }

    private var hiccups: String {
        let workers = history.workers.reduce(0) { $0 + $1.hiccups.count }
        return "; hiccups: workers \(workers), others \(history.incidents.count { $0.what == "hiccup" })"
    }

    private var appeared: Int {
        history.jobs.count { plan in
            history.uncertain.contains(plan.number)
                && (history.records[plan.id] != nil || history.runs[plan.id] != nil
                    || model.lettersByJob[plan.id] != nil)
        }
    }

    private var ends: String {
        var counts: [String: Int] = [:]
        for record in history.records.values {
            let state = record.fields["state"] ?? "none"
            counts[state == "dead" ? "dead (\(record.fields["reason"] ?? "no reason"))" : state, default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    /// Runs of a step that had been begun before, and not been given back, by what had happened.
    private var duplicates: [Model.Cause: Int] {
        var counts: [Model.Cause: Int] = [:]
        forEachDuplicate { run, earlier in
            let causes = earlier.compactMap { model.cause($0.worker, from: $0.begin, to: run.begin) }
            if let cause = causes.first { counts[cause, default: 0] += 1 }
        }
        return counts
    }

    private var lateStarts: Int {
        var count = 0
        forEachDuplicate { run, earlier in
            if earlier.contains(where: { $0.deliveries > run.deliveries }) { count += 1 }
        }
        return count
    }

    private func forEachDuplicate(_ body: (History.Run, [History.Run]) -> Void) {
        for runs in history.runs.values {
            for (index, run) in runs.enumerated() {
                let earlier = runs[..<index].filter { $0.step == run.step && !$0.isHandedBack }
                if !earlier.isEmpty { body(run, earlier) }
            }
        }
    }

    private static func text(_ fields: [String: String]) -> String {
        let shown = fields.filter { $0.key != "data" }.sorted { $0.key < $1.key }
        return shown.map { field in "\(field.key)=\(field.value)" }.joined(separator: " ")
    }

    /// All that is known of the jobs of the first violations.
    func details(limit: Int = 20) -> String {
        violations.prefix(limit).map { violation in
            guard let number = violation.job else { return "\(violation.what)\n" }
            let plan = history.jobs[number]
            let known = [
                "job \(number) \(plan.id): \(violation.what) (seed \(history.settings.seed))", "  plan \(plan)",
                "  offered: \(history.admissions[number].map { "\($0)" } ?? "no"), "
                    + "cancelled: \(history.cancellations[number].map { "\($0)" } ?? "no")",
            ]
            let runs = (history.runs[plan.id] ?? []).map { run in
                "  run by \(history.workers[run.worker].name) (\(history.workers[run.worker].consumer), "
                    + "\(history.workers[run.worker].end)): step \(run.step), attempt \(run.attempt), delivery "
                    + "\(run.deliveries), at \(run.begin) to \(run.end ?? 0) \(run.word ?? "cut off")"
            }
            let events = (history.events[plan.id] ?? []).map { event in
                "  event at \(model.moment(event.fields["at"]) ?? 0): \(Self.text(event.fields))"
            }
            let stored = ["  record \(history.records[plan.id]?.fields ?? [:])"]
            let letters = (model.lettersByJob[plan.id] ?? []).map { "  dead letter \($0)" }
            return (known + runs + events + stored + letters).joined(separator: "\n") + "\n"
        }.joined()
    }
}
