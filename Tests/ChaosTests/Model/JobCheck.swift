import JobRuntime

@testable import chaos_worker

/// Everything known of one job, held against its plan.
struct JobCheck {
    let plan: JobPlan
    let model: Model
    let admission: Admissions.Admission?
    let runs: [History.Run]
    let events: [History.Event]
    let record: History.Stored?
    let letters: [[String: String]]

    init(_ plan: JobPlan, _ model: Model) {
        self.plan = plan
        self.model = model
        let history = model.history
        admission = history.admissions[plan.number]
        runs = history.runs[plan.id] ?? []
        events = history.events[plan.id] ?? []
        record = history.records[plan.id]
        letters = model.lettersByJob[plan.id] ?? []
    }

    /// How the job has ended.
    enum End: Equatable {
        case planned(JobPlan.End)
        case canceled
        /// A dead letter, because its deliveries came to nothing too often.
        case crashLoop
    }

    func problems() -> [String] {
        let isThere = !runs.isEmpty || !events.isEmpty || record != nil || !letters.isEmpty
        switch admission {
        case .accepted: break
        case .uncertain: if !isThere { return [] }
        case .refused, .duplicate: return isThere ? ["it was not enqueued, and is there"] : []
        case nil: return ["it was never offered"]
        }
        let end: End
        var problems: [String]
        if plan.queue.isTracked {
            switch path() {
            case .failure(let wrong): return [wrong.what]
            case .success(let found): end = found
            }
            problems = recordProblems(end) + cancellationProblems(end)
        } else {
            end = letters.first?["reason"] == DeadReason.crashLoop.rawValue ? .crashLoop : .planned(plan.end)
            problems = events.isEmpty && record == nil ? [] : ["it is tracked, and should not be"]
        }
        return problems + letterProblems(end) + runProblems(end) + duplicateProblems() + loopProblems(end)
    }

    struct Wrong: Error { var what: String }
}

// MARK: - Runs

extension JobCheck {
    /// Each run is one of the plan's, and each of the plan's was run.
    private func runProblems(_ end: End) -> [String] {
        let positions = plan.positions
        var problems: [String] = []
        for run in runs {
            guard positions.indices.contains(run.step), positions[run.step] == (run.attempt, run.snoozes) else {
                problems.append("a run that is not planned: attempt \(run.attempt), snoozes \(run.snoozes)")
                continue
            }
            if let word = run.word, !isPlanned(word, plan.steps[run.step]) {
                problems.append("step \(run.step) ended as \(word)")
            }
        }
        // One that was cancelled or killed its workers has run as far as its events say.
        guard case .planned = end else { return problems }
        for (index, step) in plan.steps.enumerated() {
            let isRun = runs.contains { run in
                run.step == index && (plan.payload == .late || run.word == step.word)
            }
            if !isRun { problems.append("step \(index) was not run to its end") }
        }
        return problems
    }

    private func isPlanned(_ word: String, _ step: Step) -> Bool {
        // Which of the two ends a late run comes to is a matter of time.
        word == step.word || word == "cancelled" || plan.payload == .late && ["retry", "threw"].contains(word)
    }

    /// A second run of a step needs a reason, and its handler must have been told.
    private func duplicateProblems() -> [String] {
        var problems: [String] = []
        for step in plan.steps.indices {
            let runs = runs.filter { $0.step == step }
            for (index, run) in runs.enumerated() {
                let earlier = runs[..<index].filter { !$0.isHandedBack }
                if earlier.isEmpty, run.deliveries > 1, model.disturbances(from: 0, to: run.begin) == 0 {
                    problems.append("step \(step) was delivered \(run.deliveries) times, and nothing had happened")
                }
                guard !earlier.isEmpty, !isLateStart(run, after: earlier) else { continue }
                if !earlier.contains(where: { model.cause($0.worker, from: $0.begin, to: run.begin) != nil }) {
                    problems.append("step \(step) ran again, and nothing had happened to who ran it")
                }
                if run.deliveries == 1 {
                    problems.append("step \(step) ran again, and its handler was not told")
                }
            }
        }
        return problems
    }

    /// Whether a run is that of an early delivery whose worker stood still, or heard of it late, before it began.
    func isLateStart(_ run: History.Run, after earlier: [History.Run]) -> Bool {
        earlier.contains { $0.deliveries > run.deliveries }
            && model.cause(run.worker, from: run.begin - 5_000_000, to: run.begin) != nil
    }

    /// A job that kills its workers must have been delivered often enough, each time to no avail.
    private func loopProblems(_ end: End) -> [String] {
        guard end == .crashLoop else { return [] }
        let text = events.last?.fields["error"] ?? letters.first?["error"] ?? ""
        let words = text.split(separator: " ")
        guard words.first == "delivered", words.count > 1, let deliveries = Int(words[1]), deliveries > 3,
            let from = model.moment(letters.first?["at"]), let to = model.moment(letters.first?["died_at"])
        else { return ["a crash loop of few deliveries: \(text)"] }
        let step = runs.map(\.step).max() ?? 0
        let seen = runs.count { $0.step == step && !$0.isHandedBack } + model.disturbances(from: from, to: to)
        return seen < deliveries - 1 ? ["a crash loop, and only \(seen) deliveries came to nothing"] : []
    }
}
