import JobRuntime
import NIOCore

@testable import chaos_worker

// What the events, the record and the dead letters say of a job.

extension JobCheck {
    /// Follows the job's events along its plan.
    func path() -> Result<End, Wrong> {
        guard events.first?.type == "accepted" else {
            return .failure(Wrong(what: "accepted, and nothing is known of it"))
        }
        var (step, end): (Int, End?) = (0, nil)
        for event in events.dropFirst() {
            if end != nil { return .failure(Wrong(what: "\(event.type) after its end")) }
            let isLast = step >= plan.steps.count - 1
            if event.type == "canceled" {
                if runs.contains(where: { $0.step >= step }) { return .failure(Wrong(what: "cancelled, and it ran")) }
                end = .canceled
            } else if event.type == "dead", event.fields["reason"] == DeadReason.crashLoop.rawValue {
                end = .crashLoop
            } else if let wrong = wrong(event, step, isLast: isLast) {
                return .failure(Wrong(what: wrong))
            } else if isLast {
                end = .planned(plan.end)
            } else {
                step += 1
            }
        }
        return end.map { .success($0) } ?? .failure(Wrong(what: "it has not ended"))
    }

    private func wrong(_ event: History.Event, _ step: Int, isLast: Bool) -> String? {
        let expected = isLast ? plan.end.event : plan.steps[step].end == .snooze ? "snoozed" : "retrying"
        guard event.type == expected else { return "\(event.type) instead of \(expected) at step \(step)" }
        if isLast, case .dead(let reason) = plan.end, event.fields["reason"] != reason.rawValue {
            return "dead of \(event.fields["reason"] ?? "nothing") instead of \(reason.rawValue)"
        }
        guard !plan.steps.isEmpty else { return runs.isEmpty ? nil : "it has run" }
        let position = plan.positions[step]
        guard event.attempt == position.attempt else { return "\(event.type) at attempt \(event.attempt)" }
        // Whoever settled it has run it, with that delivery or, being given the entry again, an earlier one.
        let isRun = runs.contains { run in
            run.step == step && !(run.isHandedBack && plan.payload != .late) && run.deliveries <= event.deliveries
                && model.history.workers[run.worker].consumer == event.consumer
        }
        return isRun ? nil : "\(event.type) at step \(step) by \(event.consumer ?? "nobody"), who did not run it"
    }

    func recordProblems(_ end: End) -> [String] {
        guard let record else { return ["it has no record"] }
        var problems: [String] = []
        func expect(_ field: String, _ value: String?) {
            let found = record.fields[field]
            if found != value {
                problems.append("the record's \(field) is \(found ?? "nothing"), not \(value ?? "nothing")")
            }
        }
        expect("state", end.state)
        expect("kind", plan.kind)
        expect("queue", plan.queue.name)
        expect("attempt", events.last.map { "\($0.attempt)" })
        if end == .planned(.succeeded) { expect("result", "\(plan.number)") }
        let stays = ["dead", "unknown"].contains(end.state)
        if stays != (record.life == -1) || record.life > 3_600_000 {
            problems.append("the record stands for \(record.life) ms")
        }
        return problems
    }

    func cancellationProblems(_ end: End) -> [String] {
        let answer = model.history.cancellations[plan.number]
        switch (answer, end) {
        case (.answered(.canceled), .canceled), (.uncertain, _): return []
        case (.answered(.canceled), _): return ["cancelled, and it went on"]
        case (_, .canceled): return ["cancelled, though the answer was \(answer.map { "\($0)" } ?? "not asked for")"]
        case (.answered(.ended(let state)), _):
            return state == end.state ? [] : ["it had ended as \(state) when it was to be cancelled"]
        case (.answered(.notFound), _):
            // A call that was not sure may have come later than the wish to cancel.
            return admission == .accepted && !wasUncertain ? ["not found when it was to be cancelled"] : []
        case (.answered(.running), _), (nil, _): return []
        }
    }

    private var wasUncertain: Bool { model.history.uncertain.contains(plan.number) }

    func letterProblems(_ end: End) -> [String] {
        let reason: String? =
            switch end {
            case .crashLoop: DeadReason.crashLoop.rawValue
            case .planned(.dead(let reason)): reason.rawValue
            case .planned(.unknown): DeadReason.unknown.rawValue
            default: nil
            }
        guard let reason else { return letters.isEmpty ? [] : ["it is a dead letter: \(letters)"] }
        guard letters.count == 1, let letter = letters.first else { return ["\(letters.count) dead letters"] }
        var problems: [String] = []
        if letter["payload"] != String(buffer: plan.json) { problems.append("another payload in the dead letter") }
        if letter["kind"] != plan.kind { problems.append("another kind in the dead letter") }
        if letter["reason"] != reason { problems.append("dead of \(letter["reason"] ?? "nothing"), not \(reason)") }
        if letter["error"]?.isEmpty ?? true { problems.append("a dead letter without an error") }
        if let last = plan.positions.last, end != .crashLoop, letter["attempt"] != "\(last.attempt)" {
            problems.append("a dead letter of attempt \(letter["attempt"] ?? "none")")
        }
        if letter["meta"].flatMap({ JobMeta(json: ByteBuffer(string: $0)) })?.lane != plan.lane {
            problems.append("another lane in the dead letter")
        }
        return problems
    }
}

extension JobPlan.End {
    /// What the stream of events calls it.
    fileprivate var event: String {
        switch self {
        case .succeeded: "succeeded"
        case .unknown: "unknown"
        case .expired: "expired"
        case .dead: "dead"
        }
    }
}

extension JobCheck.End {
    /// What the record calls it.
    var state: String {
        switch self {
        case .planned(.succeeded): "done"
        case .planned(let end): end.event
        case .canceled: "canceled"
        case .crashLoop: "dead"
        }
    }
}
