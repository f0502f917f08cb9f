/// Decides how deliveries end. Pure: time and chance come in.
struct Verdict {
    let delivered: Delivered
    let policy: RetryPolicy
    /// Unix milliseconds of the store's clock, asked only where it matters.
    let clock: () -> Int64
    /// As ``JobHandler/settlesExpired``.
    var settlesExpired = false

    private var now: Int64 { clock() }

    /// A wait no schedule reaches; longer ones are cut to it.
    private static let longestWait: Duration = .seconds(366 * 86_400)
    /// How long a job of a kind that no handler here knows is put off: a deploy may bring one.
    private static let parkedWait: Duration = .seconds(30)
    private static let longestParked: Duration = .seconds(86_400)

    /// - Parameter random: 0 up to 1, for the jitter of a wait.
    func verb(for outcome: Outcome, random: @autoclosure () -> Double) -> Settlement.Verb {
        switch outcome {
        case .succeeded(let result): .done(result: result ?? "")
        case .dead(let reason, let error): .dead(state: .dead, reason: reason, error: error)
        case .unknown(let error): .dead(state: .unknown, reason: .unknown, error: error)
        case .expired(let error): .expired(error: error)
        case .discarded(let reason, let error): .discarded(reason: reason, error: error)
        case .snooze(let wait, let reason, let memo): snooze(wait, reason, memo)
        case .retry(let error, let after, let memo): retry(error, after: after, memo, random: random())
        }
    }

    /// The end of a delivery that is not to be run; nil when it is.
    ///
    /// - Parameter maximumDeliveries: deliveries without a settlement before a job counts as one that kills its workers.
    func verbBeforeRun(maximumDeliveries: Int) -> Settlement.Verb? {
        guard delivered.isJob else {
            return .dead(state: .dead, reason: .undecodable, error: "the entry's fields are not those of a job")
        }
        // Before the poison check: an expired job ends as expired however often it was delivered.
        let mayBeDone = settlesExpired && delivered.deliveries > 1
        if delivered.meta.expiresAt != nil, isOver(at: now), !mayBeDone, !isLeftToHandler(delivered.meta) {
            return undone(.expired(error: expiry), delivered.meta)
        }
        guard delivered.deliveries <= maximumDeliveries else {
            return .dead(
                state: settlesExpired || delivered.meta.inDoubt ? .unknown : .dead, reason: .crashLoop,
                error: "delivered \(delivered.deliveries) times and never settled")
        }
        return nil
    }

    private var expiry: String {
        delivered.deliveries > 1
            ? "its time is over; an earlier delivery was never settled and may have had its effect"
            : "not begun before its time was over"
    }

    /// No handler here knows the job's kind: another worker may.
    func verbWithoutHandler() -> Settlement.Verb {
        var meta = delivered.meta
        let now = now
        let since = meta.parkedAt ?? now
        let text = "no handler for kind \(delivered.kind)"
        guard now - since < Self.longestParked.milliseconds else {
            return undone(.dead(state: .dead, reason: .noHandler, error: "\(text) within a day"), meta)
        }
        meta.parkedAt = since
        return .delay(.init(.parked, wait: Self.parkedWait, attempt: delivered.attempt, text: text, meta: meta))
    }

    private func snooze(_ wait: Duration, _ reason: String, _ memo: JobMemo?) -> Settlement.Verb {
        let wait = min(max(wait, .zero), Self.longestWait)
        let now = now
        var meta = delivered.meta
        meta.snoozes += 1
        meta.parkedAt = nil
        meta.leave(memo)
        if isOver(at: now + wait.milliseconds), !isLeftToHandler(meta) {
            return undone(.expired(error: "its time is over before \(reason)"), meta)
        }
        if let maximumAge = policy.maximumAge, age(at: now) + wait > maximumAge {
            return undone(
                .dead(state: .dead, reason: .tooOld, error: "too old to be put off again: \(reason)"), meta)
        }
        return .delay(.init(.snoozed, wait: wait, attempt: delivered.attempt, text: reason, meta: meta))
    }

    /// Since the job could first be run, or was redriven or restored.
    private func age(at now: Int64) -> Duration {
        .milliseconds(now - (delivered.meta.redrivenAt ?? delivered.meta.restoredAt ?? delivered.enqueuedAt))
    }

    private func retry(_ error: String, after: Duration?, _ memo: JobMemo?, random: Double) -> Settlement.Verb {
        let (attempt, now) = (delivered.attempt, now)
        let age = age(at: now)
        let asked = after.map { min($0, Self.longestWait) }
        var meta = delivered.meta
        meta.parkedAt = nil
        meta.leave(memo)
        switch policy.next(afterAttempt: attempt, age: age, atLeast: asked, random: random) {
        case .exhausted:
            let why = "attempt \(attempt) of \(policy.maximumAttempts): \(error)"
            return undone(.dead(state: .dead, reason: .exhausted, error: why), meta)
        case .tooOld:
            let why = "attempt \(attempt), too old for another: \(error)"
            return undone(.dead(state: .dead, reason: .tooOld, error: why), meta)
        case .wait(let wait):
            let wait = min(wait, Self.longestWait)
            if isOver(at: now + wait.milliseconds), !isLeftToHandler(meta) {
                return undone(.expired(error: "no time for another attempt: \(error)"), meta)
            }
            return .delay(
                .init(
                    .retrying, wait: wait, attempt: attempt + 1, text: error,
                    meta: meta == delivered.meta ? nil : meta))
        }
    }

    /// Whether the handler is still to find out what became of an attempt, though the job's time is over.
    private func isLeftToHandler(_ meta: JobMeta) -> Bool { settlesExpired && meta.inDoubt }

    /// The end of a job that was not done; in doubt it may have been.
    private func undone(_ verb: Settlement.Verb, _ meta: JobMeta) -> Settlement.Verb {
        guard meta.inDoubt else { return verb }
        switch verb {
        case .expired(let error), .dead(_, _, let error):
            return .dead(
                state: .unknown, reason: .unknown, error: "an earlier attempt may have had its effect; \(error)")
        default: return verb
        }
    }

    private func isOver(at moment: Int64) -> Bool { delivered.meta.expiresAt.map { $0 <= moment } ?? false }
}

extension Duration {
    /// Whole milliseconds, as Redis counts; at most what its numbers hold exactly (2^53, 285,000 years).
    package var milliseconds: Int64 {
        let limit: Int64 = 1 << 53
        // Each look at the components is a division of 128 bits.
        let (seconds, attoseconds) = components
        guard seconds < limit / 1000 else { return limit }
        guard seconds > -limit / 1000 else { return -limit }
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
