import Redis

/// How one delivery is to be ended: what ``Outcome`` and policy together come to. A pure value.
struct Settlement: Sendable {
    enum Verb: Sendable, Equatable {
        case done(result: String)
        /// `attempt` is the number of the next one: the same again where no attempt was spent.
        case retry(wait: Duration, attempt: Int, error: String)
        case dead(state: String, reason: DeadReason, error: String)
        /// Handed back, takable at once; `isUntouched`: as if it had not been delivered, since it had no effect.
        case release(isUntouched: Bool)
    }

    let entry: EntryID
    let deliveries: Int
    /// nil for an entry that is no job of ours.
    let job: JobID?
    let attempt: Int
    let elapsed: Duration
    let verb: Verb

    init(
        entry: EntryID, deliveries: Int, job: JobID? = nil, attempt: Int = 1, elapsed: Duration = .zero, verb: Verb
    ) {
        self.entry = entry
        self.deliveries = deliveries
        self.job = job
        self.attempt = attempt
        self.elapsed = elapsed
        self.verb = verb
    }

    /// What the server says of a settlement.
    enum Answer: Sendable, Equatable {
        case settled
        /// The entry is not this delivery's any more: another worker holds it, or has settled it, or its group was
        /// destroyed. Nothing was changed.
        case fenced
        /// Redis could not be reached while the worker was stopping.
        case lost
    }
}

extension Settlement.Verb {
    /// Decides how an attempt ends.
    ///
    /// - Parameter random: 0 up to 1, for the jitter of the wait.
    init(_ outcome: Outcome, attempt: Int, policy: RetryPolicy, random: Double) {
        switch outcome {
        case .succeeded(let result):
            self = .done(result: result ?? "")
        case .retry(let error, let after):
            if let wait = policy.delay(afterAttempt: attempt, atLeast: after, random: random) {
                self = .retry(wait: wait, attempt: attempt + 1, error: error)
            } else {
                self = .dead(
                    state: "dead", reason: .exhausted,
                    error: "attempt \(attempt) of \(policy.maximumAttempts): \(error)")
            }
        case .dead(let reason, let error):
            self = .dead(state: "dead", reason: reason, error: error)
        case .snooze(let wait, let reason):
            self = .retry(wait: wait, attempt: attempt, error: reason)
        case .unknown(let error):
            self = .dead(state: "unknown", reason: .unknown, error: error)
        }
    }
}

extension ScriptCall {
    /// The call that settles a batch, entries ascending.
    static func settle(_ batch: [Settlement], scope: QueueScope) -> ScriptCall {
        let (queue, keys) = (scope.queue, scope.options.keys)
        var call = ScriptCall(Scripts.settle)
        call.key(keys.stream(queue.name))
        call.key(keys.events)
        call.key(keys.dead(queue.name))
        call.key(keys.retry(queue.name))
        call.argument(KeySpace.group)
        call.argument(scope.consumer)
        call.argument(queue.name)
        call.argument(queue.isTracked ? "1" : "0")
        call.argument(scope.options.keepsEvents ? "1" : "0")
        call.argument(scope.options.recordTTL.milliseconds)
        for settlement in batch {
            call.append(settlement, isTracked: queue.isTracked, keys: keys)
        }
        return call
    }

    private mutating func append(_ settlement: Settlement, isTracked: Bool, keys: KeySpace) {
        argument(settlement.entry.description)
        argument(settlement.deliveries)
        let job = settlement.job?.description ?? ""
        switch settlement.verb {
        case .done(let result):
            argument("done")
            guard isTracked else { return }
            argument(job)
            argument(settlement.elapsed.milliseconds)
            argument(settlement.attempt)
            argument(result)
        case .retry(let wait, let attempt, let error):
            argument("retry")
            argument(job)
            argument(settlement.elapsed.milliseconds)
            argument(wait.milliseconds)
            argument(attempt)
            argument(error)
        case .dead(let state, let reason, let error):
            argument("dead")
            argument(job)
            argument(settlement.elapsed.milliseconds)
            argument(state)
            argument(reason.rawValue)
            argument(error)
        case .release(let isUntouched):
            argument("release")
            argument(isUntouched ? settlement.deliveries - 1 : settlement.deliveries)
        }
        if settlement.verb.needsRecord(isTracked: isTracked) { key(keys.record(job)) }
    }
}

extension Settlement.Verb {
    /// A delayed job waits in its record, whether its queue is tracked or not; one handed back is as it was.
    fileprivate func needsRecord(isTracked: Bool) -> Bool {
        switch self {
        case .retry: true
        case .release: false
        case .done, .dead: isTracked
        }
    }
}

extension Duration {
    /// Whole milliseconds, as Redis counts.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
